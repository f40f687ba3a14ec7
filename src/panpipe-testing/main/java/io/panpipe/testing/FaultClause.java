/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.ErrorCode;
import io.panpipe.internal.simulated.Effect;
import io.panpipe.internal.simulated.FaultRule;
import io.panpipe.internal.simulated.SimulatedMachine;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a sentence about a fault: which calls it befalls. The last word says what happens to them, and puts
 * the fault into effect: {@code kernel.when(CONNECT).to(name).first(2).fails(ECONNREFUSED)}.
 *
 * <p>Of several faults that a call could be befallen by it is the one that was put into effect first; the others count
 * the call all the same.
 *
 * @since 0.1
 */
public final class FaultClause {

    private final SimulatedMachine machine;
    private final Call call;
    private @Nullable SimulatedProcess process;
    private @Nullable String name;
    private long first = 1;
    private long last = Long.MAX_VALUE;
    private double probability = 1;

    FaultClause(SimulatedMachine machine, Call call) {
        this.machine = machine;
        this.call = call;
    }

    /**
     * Narrows the calls to those of one process.
     *
     * @param who the process
     * @return this clause
     */
    public FaultClause by(SimulatedProcess who) {
        process = Objects.requireNonNull(who, "who");
        return this;
    }

    /**
     * Narrows the calls to those about one server, by either of its ends.
     *
     * @param server the name the server's pipe is bound to, or an address such as {@code 127.0.0.1:80}
     * @return this clause
     */
    public FaultClause to(String server) {
        name = Objects.requireNonNull(server, "server");
        return this;
    }

    /**
     * Narrows the calls to those about one server, by either of its ends.
     *
     * @param server the server's address
     * @return this clause
     */
    public FaultClause to(InetSocketAddress server) {
        return to(SimulatedKernel.text(server));
    }

    /**
     * Narrows the calls to one.
     *
     * @param which 1 for the first one, from now on, that the rest of this clause is true of
     * @return this clause
     */
    public FaultClause number(long which) {
        return between(which, which);
    }

    /**
     * Narrows the calls to the first ones.
     *
     * @param count how many, from now on
     * @return this clause
     */
    public FaultClause first(long count) {
        return between(1, count);
    }

    /**
     * Narrows the calls to those after the first ones.
     *
     * @param count how many, from now on, are left alone
     * @return this clause
     */
    public FaultClause after(long count) {
        return between(count + 1, Long.MAX_VALUE);
    }

    private FaultClause between(long from, long to) {
        if (from < 1 || to < from) {
            throw new IllegalArgumentException("calls are counted from 1, not " + from + " to " + to);
        }
        first = from;
        last = to;
        return this;
    }

    /**
     * Leaves it to the seed which of the calls are befallen.
     *
     * @param share how many of them, 0 to 1
     * @return this clause
     */
    public FaultClause withProbability(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a probability is 0 to 1, not " + share);
        }
        probability = share;
        return this;
    }

    /**
     * They are refused. EAGAIN and EINTR mean what they mean to a loop, which tries again: see {@link #wouldBlock} and
     * {@link #isInterrupted}; but EAGAIN of a connect, which is a {@linkplain #findsTheBacklogFull full backlog}.
     *
     * @param code why: EMFILE, ENFILE, ECONNRESET, EPIPE, ENOBUFS, …; not EOF and UNKNOWN, which no call is refused
     *     with
     * @return the fault
     */
    public Fault fails(ErrorCode code) {
        if (code == ErrorCode.EOF || code == ErrorCode.UNKNOWN) {
            throw new IllegalArgumentException("no call is refused with " + code);
        }
        if (code == ErrorCode.EINTR) {
            return isInterrupted();
        }
        if (code == ErrorCode.EAGAIN) {
            return call == Call.CONNECT ? findsTheBacklogFull() : wouldBlock();
        }
        return arrange(Effect.fail(io.panpipe.internal.kernel.Fault.valueOf(code.name())));
    }

    /**
     * They move fewer bytes than they could.
     *
     * @param bytes how many at the most, 1 or more
     * @return the fault
     */
    public Fault movesAtMost(int bytes) {
        allow(Call.READ, Call.WRITE);
        if (bytes < 1) {
            throw new IllegalArgumentException("less than one byte: " + bytes);
        }
        return arrange(Effect.atMost(bytes));
    }

    /**
     * They can do nothing just now (EAGAIN), although the system has said they could; a moment later they can.
     *
     * @return the fault
     */
    public Fault wouldBlock() {
        allow(Call.READ, Call.WRITE, Call.ACCEPT, Call.SEND, Call.RECEIVE);
        return arrange(Effect.of(Effect.Kind.BLOCK));
    }

    /**
     * A signal interrupts them (EINTR). A loop makes them again and its user is never told: a connect goes on in the
     * background, a wait ends early.
     *
     * @return the fault
     */
    public Fault isInterrupted() {
        allow(Call.READ, Call.WRITE, Call.ACCEPT, Call.SEND, Call.RECEIVE, Call.CONNECT, Call.WAIT);
        return arrange(Effect.of(Effect.Kind.INTERRUPT));
    }

    /**
     * They are never answered; only a timeout ends them.
     *
     * @return the fault
     */
    public Fault isNeverAnswered() {
        allow(Call.CONNECT);
        return arrange(Effect.of(Effect.Kind.SILENCE));
    }

    /**
     * The server's backlog is full: EAGAIN for a pipe, which tries again if its connect has a timeout; for TCP a
     * second of waiting.
     *
     * @return the fault
     */
    public Fault findsTheBacklogFull() {
        allow(Call.CONNECT);
        return arrange(Effect.of(Effect.Kind.CROWD));
    }

    /**
     * The connection is ended by force in the middle of it: both ends are told ECONNRESET.
     *
     * @return the fault
     */
    public Fault resetsTheConnection() {
        allow(Call.READ, Call.WRITE);
        return arrange(Effect.of(Effect.Kind.RESET));
    }

    /**
     * What they carry is lost: a datagram on its way, or the handles of a message, for which the process had no
     * descriptor left (MSG_CTRUNC), so that its reader is told EMFILE.
     *
     * @return the fault
     */
    public Fault losesIt() {
        allow(Call.SEND, Call.RECEIVE_HANDLES);
        return arrange(Effect.of(Effect.Kind.LOSE));
    }

    /**
     * A process is killed when they are made; see {@link SimulatedProcess#kill}. A process that is killed by a call of
     * its own ends its turn: its code may run on for that long, but reaches nobody any more.
     *
     * @param who the process
     * @return the fault
     */
    public Fault kills(SimulatedProcess who) {
        return happensWith(who::kill);
    }

    /**
     * A process is paused when they are made; see {@link SimulatedProcess#pause(Duration)}.
     *
     * @param who the process
     * @param time for how long, zero or more
     * @return the fault
     */
    public Fault pauses(SimulatedProcess who, Duration time) {
        SimulatedKernel.checkNotNegative(time);
        return happensWith(() -> who.pause(time));
    }

    /**
     * Something of the test's happens when they are made.
     *
     * @param action what; it runs in the middle of the call, and must not use a loop or handle
     * @return the fault
     */
    public Fault happensWith(Runnable action) {
        return arrange(Effect.act(Objects.requireNonNull(action, "action")));
    }

    private void allow(Call... possible) {
        for (Call one : possible) {
            if (one == call) {
                return;
            }
        }
        throw new IllegalArgumentException("this cannot happen to " + call + ", only to " + List.of(possible));
    }

    private Fault arrange(Effect effect) {
        FaultRule rule = new FaultRule(
                call.operation(), process == null ? null : process.kernel(), name, first, last, probability, effect);
        machine.add(rule);
        return new Fault(machine, rule);
    }
}
