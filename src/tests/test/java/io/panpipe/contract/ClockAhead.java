/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.Selector;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A kernel whose clock a test puts forward, as if a callback had worked for so long, and which tells what is asked of it. */
final class ClockAhead {

    private ClockAhead() {}

    /**
     * Looks at a kernel through another clock.
     *
     * @param ahead by how many nanoseconds that is ahead of the kernel's own
     * @param waits told how long its loops ask it to wait, where they do
     */
    static Kernel of(Kernel kernel, AtomicLong ahead, List<Duration> waits) {
        return proxy(Kernel.class, (method, arguments) -> switch (method.getName()) {
            case "nanoTime" -> kernel.nanoTime() + ahead.get();
            case "openSelector" -> watched(kernel.openSelector(), waits);
            default -> method.invoke(kernel, arguments);
        });
    }

    private static Selector watched(Selector selector, List<Duration> waits) {
        return proxy(Selector.class, (method, arguments) -> {
            if (method.getName().equals("select") && (long) arguments[0] != 0) {
                waits.add(Duration.ofNanos((long) arguments[0]));
            }
            return method.invoke(selector, arguments);
        });
    }

    private interface Calls {
        Object call(Method method, Object[] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (itself, method, arguments) -> {
            try {
                return calls.call(method, arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        }));
    }
}
