/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.invoke.MethodHandle;

/** The functions of kernel32 for events and waits; answers as in {@link WindowsCalls}. */
final class EventCalls {

    private static final int INFINITE = -1;

    private static final NativeFunctions KERNEL = NativeFunctions.of("kernel32.dll");
    private static final MethodHandle SET_EVENT = KERNEL.four("SetEvent");
    private static final MethodHandle RESET_EVENT = KERNEL.four("ResetEvent");
    private static final MethodHandle WAIT_FOR_MULTIPLE_OBJECTS = KERNEL.four("WaitForMultipleObjects");

    private EventCalls() {}

    /** SetEvent. */
    static int setEvent(CallState state, long event) {
        return WindowsCalls.truth(state, WindowsCalls.call(SET_EVENT, state, event, 0, 0, 0));
    }

    /** ResetEvent. */
    static int resetEvent(CallState state, long event) {
        return WindowsCalls.truth(state, WindowsCalls.call(RESET_EVENT, state, event, 0, 0, 0));
    }

    /** WaitForMultipleObjects, for any of them and without limit; the index of the first that is set. */
    static int waitForAny(CallState state, int count, long handles) {
        return (int) WindowsCalls.call(WAIT_FOR_MULTIPLE_OBJECTS, state, count, handles, 0, INFINITE);
    }
}
