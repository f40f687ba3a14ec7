/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What users get and do: the published files, their projects, what an IDE sees. Each test starts Maven, as they do. */
package io.panpipe.published;
