/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.platform;

import io.panpipe.internal.kernel.SignalSource;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The signals that the JVM lets a program have: {@code sun.misc.Signal}, of the module {@code jdk.unsupported}. A handler of
 * our own by sigaction(2) would run on whatever thread the signal interrupts, where no Java can run.
 *
 * <p>By method handles, since the compiler's warnings about that class cannot be switched off, and a run-time image may do
 * without the module.
 */
final class JvmSignals implements SignalSource {

    /** Names as the JVM knows them: which of them there are, and their numbers, is the system's. */
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "TERM", "USR1", "USR2", "WINCH", "BREAK", "CONT", "CHLD", "PIPE", "ALRM", "URG", "TSTP", "TTIN", "TTOU", "IO",
            "PWR", "INFO", "QUIT", "ABRT", "KILL", "STOP", "TRAP", "SEGV", "BUS", "FPE", "ILL", "SYS", "XCPU", "XFSZ", "VTALRM", "PROF");

    /** Who is told of one signal, and what it did before. */
    private final class Heard {

        private final Object signal;
        private final List<Runnable> told = new CopyOnWriteArrayList<>();
        private @Nullable Object before;

        Heard(Object signal) {
            this.signal = signal;
        }

        /** Called by the JVM, on a thread of its own for each signal. */
        private void arrived(Object arrived) {
            if (told.isEmpty()) {
                // The last one has left since the JVM was told, and the signal does again what it did before.
                raiseAgain(signal);
            }
            Throwable failed = null;
            for (Runnable each : told) {
                try {
                    each.run();
                } catch (Throwable thrown) {
                    failed = thrown;
                }
            }
            if (failed != null) {
                throw failed(failed);
            }
        }

    }

    private final MethodHandle newSignal;
    private final MethodHandle numberOf;
    private final MethodHandle handle;
    private final MethodHandle raise;
    private final Class<?> handlerType;

    /** By number; under the lock of this object. */
    private final Map<Integer, Heard> heard = new HashMap<>();

    private JvmSignals() throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Signal");
        handlerType = Class.forName("sun.misc.SignalHandler");
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        newSignal = lookup.findConstructor(type, MethodType.methodType(void.class, String.class));
        numberOf = lookup.findVirtual(type, "getNumber", MethodType.methodType(int.class));
        raise = lookup.findStatic(type, "raise", MethodType.methodType(void.class, type));
        handle = lookup.findStatic(type, "handle", MethodType.methodType(handlerType, type, handlerType));
    }

    /**
     * Finds them.
     *
     * @throws UnsupportedOperationException if this JVM is without
     */
    static SignalSource open() {
        try {
            return new JvmSignals();
        } catch (ReflectiveOperationException missing) {
            throw new UnsupportedOperationException(
                    "signals need the module jdk.unsupported, and this JVM is without: run it with"
                            + " --add-modules jdk.unsupported, and give jlink that module",
                    missing);
        }
    }

    @Override
    public synchronized Registration hear(int number, Runnable told) {
        Heard present = heard.get(number);
        if (present == null) {
            present = new Heard(signal(number));
            // Before the JVM knows of it: a signal that comes at once is to be told.
            present.told.add(told);
            present.before = handle(present.signal, handler(present), number);
            heard.put(number, present);
        } else {
            present.told.add(told);
        }
        Heard mine = present;
        return () -> end(mine, number, told);
    }

    private synchronized void end(Heard mine, int number, Runnable told) {
        if (mine.told.size() == 1 && mine.told.contains(told)) {
            // First, so that a signal that comes now finds one of the two.
            handle(mine.signal, mine.before, number);
            heard.remove(number);
        }
        mine.told.remove(told);
    }

    private Object handler(Heard of) {
        try {
            MethodHandle arrived = MethodHandles.lookup()
                    .findVirtual(Heard.class, "arrived", MethodType.methodType(void.class, Object.class))
                    .bindTo(of);
            return MethodHandleProxies.asInterfaceInstance(handlerType, arrived);
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError("a method of this class", impossible);
        }
    }

    private Object signal(int number) {
        for (String name : NAMES) {
            try {
                Object signal = newSignal.invoke(name);
                if ((int) numberOf.invoke(signal) == number) {
                    return signal;
                }
            } catch (IllegalArgumentException unknown) {
                // This system has none of that name.
                continue;
            } catch (Throwable impossible) {
                throw failed(impossible);
            }
        }
        throw new IllegalArgumentException("this system has no signal " + number + " that a program could have");
    }

    private Object handle(Object signal, @Nullable Object handler, int number) {
        try {
            return handle.invoke(signal, handler);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "signal " + number + " cannot be had: " + refused.getMessage() + " (with -Xrs the JVM has none)", refused);
        } catch (Throwable impossible) {
            throw failed(impossible);
        }
    }

    private void raiseAgain(Object signal) {
        try {
            raise.invoke(signal);
        } catch (Throwable refused) {
            throw failed(refused);
        }
    }

    private static RuntimeException failed(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(thrown);
    }
}
