/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Selector;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Stands between a loop and a kernel, to see what is asked of that, and to refuse it. */
public final class Meddler {

    /** What is done before a call is passed on, or instead of that if it throws. */
    public interface Deed {
        void run() throws Exception;
    }

    private record Meddling(Predicate<Object[]> when, Deed deed, @Nullable Object answer) {}

    private final Map<String, Meddling> meddlings = new HashMap<>();

    /** Does something before each call of a method of the selector, or of a pipe's channel. */
    public Meddler before(String method, Deed deed) {
        return before(method, arguments -> true, deed);
    }

    /** Does something before those calls of a method whose arguments are of interest. */
    public Meddler before(String method, Predicate<Object[]> when, Deed deed) {
        meddlings.put(method, new Meddling(when, deed, null));
        return this;
    }

    /** Answers all calls of a method without passing them on. */
    public Meddler answering(String method, Object answer) {
        meddlings.put(method, new Meddling(arguments -> true, () -> {}, answer));
        return this;
    }

    /** Does something before those calls of a method whose arguments are of interest, and answers them so. */
    public Meddler answering(String method, Predicate<Object[]> when, Deed deed, Object answer) {
        meddlings.put(method, new Meddling(when, deed, answer));
        return this;
    }

    /** Returns a kernel that passes on what is asked of it. */
    public Kernel over(Kernel kernel) {
        return part(Kernel.class, kernel);
    }

    private <T> T part(Class<T> part, Object whole) {
        return part.cast(Proxy.newProxyInstance(part.getClassLoader(), new Class<?>[] {part}, (proxy, method, arguments) -> {
            Meddling meddling = meddlings.get(method.getName());
            if (meddling != null && meddling.when.test(arguments)) {
                meddling.deed.run();
                if (meddling.answer != null) {
                    return meddling.answer;
                }
            }
            Object result;
            try {
                result = method.invoke(whole, arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
            return switch (result) {
                case Selector selector -> part(Selector.class, selector);
                case CallerStream stream -> part(CallerStream.class, stream);
                case PipeChannel channel when part == Selector.class || method.getName().equals("accept") -> part(PipeChannel.class, channel);
                case PipeChannel[] pair -> Arrays.stream(pair).map(channel -> part(PipeChannel.class, channel)).toArray(PipeChannel[]::new);
                case null, default -> result;
            };
        }));
    }
}
