/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.InternalThreads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The threads that wait for operations whose end signals an event, and queue it to the loop's completion port.
 *
 * <p>One call waits for 64 events at the most (MAXIMUM_WAIT_OBJECTS), of which one is the thread's own, so there is a
 * thread for each 63 operations under way.
 */
final class EventThreads {

    private final CompletionPort port;
    private final CallState state;
    private final List<Waits> threads = new ArrayList<>();

    EventThreads(CompletionPort port, CallState state) {
        this.port = port;
        this.state = state;
    }

    /**
     * Has the port told when an operation ends, whose event is set then.
     *
     * @return false if the system has no room for one more thread's event
     */
    boolean await(Operation operation) {
        for (int i = 0; i < threads.size(); i++) {
            if (threads.get(i).add(operation, state)) {
                return true;
            }
        }
        long own = WindowsCalls.createEvent(state);
        if (own == WindowsCalls.INVALID_HANDLE) {
            return false;
        }
        Waits fresh = new Waits(port, own);
        threads.add(fresh);
        return fresh.add(operation, state);
    }

    /** Ends the threads and waits for their end. Nothing is under way any more. */
    void close() {
        for (Waits thread : threads) {
            thread.end(state);
        }
        threads.clear();
    }

    /** One thread and what it waits for. */
    private static final class Waits implements Runnable {

        private static final int MOST_EVENTS = 64;

        private final CompletionPort port;
        private final long own;
        private final CallState calls = new CallState();
        private final MemorySegment handles =
                Arena.ofAuto().allocate(ValueLayout.JAVA_LONG.byteSize() * MOST_EVENTS, 8);
        private final Operation[] waiting = new Operation[MOST_EVENTS];
        private final ArrayDeque<Operation> added = new ArrayDeque<>();
        private final Thread thread;
        private int count = 1;
        private int taken = 1;
        private boolean ended;

        Waits(CompletionPort port, long own) {
            this.port = port;
            this.own = own;
            handles.setAtIndex(ValueLayout.JAVA_LONG, 0, own);
            thread = InternalThreads.daemon("panpipe-events", this);
            thread.start();
        }

        /** Takes another operation, if there is a place for it. */
        boolean add(Operation operation, CallState state) {
            synchronized (added) {
                if (taken == MOST_EVENTS) {
                    return false;
                }
                taken++;
                added.add(operation);
            }
            EventCalls.setEvent(state, own);
            return true;
        }

        @Override
        public void run() {
            while (takeAdded()) {
                int index = EventCalls.waitForAny(calls, count, handles.address());
                if (index > 0 && index < count) {
                    signalled(index);
                } else if (index != 0) {
                    throw new IllegalStateException("WaitForMultipleObjects: " + calls.error());
                } else {
                    EventCalls.resetEvent(calls, own);
                }
            }
        }

        private boolean takeAdded() {
            synchronized (added) {
                for (Operation next = added.poll(); next != null; next = added.poll()) {
                    waiting[count] = next;
                    handles.setAtIndex(ValueLayout.JAVA_LONG, count++, next.event);
                }
                return !ended;
            }
        }

        private void signalled(int index) {
            Operation done = waiting[index];
            int last = --count;
            waiting[index] = waiting[last];
            handles.setAtIndex(ValueLayout.JAVA_LONG, index, handles.getAtIndex(ValueLayout.JAVA_LONG, last));
            EventCalls.resetEvent(calls, done.event);
            synchronized (added) {
                taken--;
            }
            port.post(done.address);
        }

        void end(CallState state) {
            synchronized (added) {
                ended = true;
            }
            EventCalls.setEvent(state, own);
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException again) {
                    interrupted = true;
                }
            }
            // Not by the thread itself: its event is set above.
            WindowsCalls.closeHandle(state, own);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
