// Copyright 2026 The Panpipe authors
// SPDX-License-Identifier: Apache-2.0
//
// Panpipe at the prompt:
//   jshell --class-path panpipe-cli.jar -R--enable-native-access=ALL-UNNAMED --startup panpipe.jsh
import java.io.*;
import java.nio.*;
import java.nio.charset.*;
import java.nio.file.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.*;
import java.util.stream.*;
import io.panpipe.*;
import io.panpipe.channels.*;
import io.panpipe.framing.*;
import io.panpipe.jshell.*;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import static io.panpipe.jshell.Prompt.*;
var loop = loop();
