using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>
/// The backend's own threads. The caller always works too and never waits for a thread that sleeps: items are claimed piece by piece, and
/// who comes late finds nothing left. Workers spin for some microseconds after a piece of work, then park.
/// </summary>
/// <remarks>
/// One caller at a time. With one thread nothing here is shared and <see cref="For"/> is a plain call. Every thread has a share of its own, items
/// that follow each other, so that what it reads from memory goes on where its last piece ended; then it helps with the others' shares. Where
/// other processes want the processors, a thread can lose its own in the middle of a piece: pieces shrink towards the end, a caller that waits
/// yields, and a worker that keeps it waiting again and again rests for a while (<see cref="WorkerRest"/>), because fewer threads are faster then.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    // A spin is 37 ns: longer than the gaps inside a step and between two steps of a free machine (about 0.1 ms).
    private const int SpinsBeforePark = 4000;

    // A piece is this part of what is left of a share.
    private const int PiecesOfShare = 2;

    // A line and its neighbour, which processors fetch together, in words.
    private const int TicketWords = 16;

    // Longer than the last piece of an operation takes where nobody else wants the processors.
    private const int SpinsBeforeClock = 1000;

    private readonly Worker[] _workers;
    private readonly TimeProvider _time;
    private int _resting;

    // For each thread's share, generation in the high half, next unclaimed item in the low half: a claim made for an older generation cannot
    // succeed. While the fields below change, the low half is past any count, so that nothing can be claimed.
    private readonly long[] _tickets;
    private IRangeWork? _work;
    private int _count;
    private int _share;
    private int _leastPiece;
    private int _remaining;
    private Exception? _failure;
    private volatile bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">Threads that work, the caller included; at least 1.</param>
    /// <param name="pin">Binds every thread but the caller's to one processor.</param>
    /// <param name="time">Tells how long the caller waits; what is computed does not depend on it.</param>
    public WorkerPool(int threads, bool pin = false, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _time = time ?? TimeProvider.System;
        _tickets = new long[(threads + 1) * TicketWords];
        _workers = new Worker[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Worker(this, i + 1, pin);
        }
    }

    /// <summary>Threads that work, the caller included.</summary>
    public int Threads => _workers.Length + 1;

    /// <summary>Told by callers of <see cref="For"/> what they do, and by this when it waits; <see langword="null"/> when nobody asks.</summary>
    public IOperationProfile? Profile { get; set; }

    /// <summary>Does all items and returns when the last is done. Rethrows the first exception of any item.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="count">Items.</param>
    /// <param name="leastPiece">Fewest items worth handing to a thread.</param>
    public void For(IRangeWork work, int count, int leastPiece)
    {
        if (_resting > 0)
        {
            EndRests();
        }
        if (_workers.Length == _resting || count <= leastPiece)
        {
            work.Run(0, count, 0);
            return;
        }
        int shares = Math.Min(Threads, (count + leastPiece - 1) / leastPiece);
        Publish(work, count, leastPiece, shares);
        int helpers = Math.Min(_workers.Length - _resting, shares - 1);
        for (int i = 0; helpers > 0; i++)
        {
            helpers -= _workers[i].Wake() ? 1 : 0;
        }
        Help(0);
        Profile?.Wait();
        WaitForOthers();
        if (Volatile.Read(ref _failure) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        foreach (Worker worker in _workers)
        {
            worker.Stop();
        }
    }

    private ref long Ticket(int thread) => ref _tickets[(thread + 1) * TicketWords];

    private void Publish(IRangeWork work, int count, int leastPiece, int shares)
    {
        long generation = Volatile.Read(ref Ticket(0)) >> 32;
        for (int i = 0; i < Threads; i++)
        {
            Volatile.Write(ref Ticket(i), (generation << 32) | int.MaxValue);
        }
        Interlocked.MemoryBarrier();
        _work = work;
        _count = count;
        _share = (count + shares - 1) / shares;
        _leastPiece = leastPiece;
        _failure = null;
        Volatile.Write(ref _remaining, count);
        for (int i = 0; i < Threads; i++)
        {
            Volatile.Write(ref Ticket(i), ((generation + 1) << 32) | (uint)Math.Min((long)i * _share, count));
        }

        // Workers park and then look once more; what they look for must be there before their marks are read.
        Interlocked.MemoryBarrier();
    }

    private void WaitForOthers()
    {
        for (int i = 0; Volatile.Read(ref _remaining) > 0; i++)
        {
            if (i == SpinsBeforeClock)
            {
                WaitLong();
                return;
            }
            Thread.SpinWait(1);
        }
    }

    // Whoever still has a piece now, and does not end it soon, has lost its processor.
    private void WaitLong()
    {
        long start = _time.GetTimestamp();
        foreach (Worker worker in _workers)
        {
            worker.IsWaitedFor = worker.HasPiece;
        }
        SpinWait spin = default;
        while (Volatile.Read(ref _remaining) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
        long now = _time.GetTimestamp();
        TimeSpan waited = _time.GetElapsedTime(start, now);
        foreach (Worker worker in _workers)
        {
            if (worker.IsWaitedFor && worker.Rest.BeginAfter(waited, _time, now))
            {
                worker.IsResting = true;
                _resting++;
            }
        }
    }

    private void EndRests()
    {
        long now = _time.GetTimestamp();
        foreach (Worker worker in _workers)
        {
            if (worker.IsResting && worker.Rest.IsOver(now))
            {
                worker.IsResting = false;
                _resting--;
            }
        }
    }

    // Only who finds every share claimed reports its items, so the caller, who looks at all of them, leaves none behind.
    private void Help(int worker)
    {
        int done = 0;
        for (int i = 0; i < Threads; i++)
        {
            int owner = (worker + i) % Threads;
            while (TryClaim(owner, out IRangeWork? work, out int start, out int end))
            {
                RunPiece(work, start, end, worker);
                done += end - start;
            }
        }
        Interlocked.Add(ref _remaining, -done);
    }

    // A claim that succeeds proves that the fields read before it belong to the claimed generation: they change only behind closed tickets.
    private bool TryClaim(int owner, [NotNullWhen(true)] out IRangeWork? work, out int start, out int end)
    {
        while (true)
        {
            long ticket = Volatile.Read(ref Ticket(owner));
            int least = Volatile.Read(ref _leastPiece);
            int shareEnd = (int)Math.Min(Volatile.Read(ref _count), (owner + 1L) * Volatile.Read(ref _share));
            work = Volatile.Read(ref _work);
            start = end = (int)ticket;
            if (start >= shareEnd || work is null)
            {
                return false;
            }
            end = Math.Min(shareEnd, start + Math.Max(least, (shareEnd - start) / PiecesOfShare));
            if (Interlocked.CompareExchange(ref Ticket(owner), (ticket & ~0xFFFFFFFFL) | (uint)end, ticket) == ticket)
            {
                return true;
            }
        }
    }

    private void RunPiece(IRangeWork work, int start, int end, int worker)
    {
        if (worker > 0)
        {
            _workers[worker - 1].HasPiece = true;
        }
        try
        {
            work.Run(start, end, worker);
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
        if (worker > 0)
        {
            _workers[worker - 1].HasPiece = false;
        }
    }

    private sealed class Worker
    {
        private readonly WorkerPool _pool;
        private readonly int _index;
        private readonly bool _pin;
        private readonly Thread _thread;
        private readonly AutoResetEvent _wake = new(initialState: false);
        private int _parked;
        private volatile bool _hasPiece;
        private volatile bool _isResting;

        public Worker(WorkerPool pool, int index, bool pin)
        {
            _pool = pool;
            _index = index;
            _pin = pin;
            _thread = new Thread(Loop) { IsBackground = true, Name = $"winnow-cpu-{index}" };
            _thread.Start();
        }

        // The worker's to write, the caller's to read.
        public bool HasPiece
        {
            get => _hasPiece;
            set => _hasPiece = value;
        }

        // The caller's to write, the worker's to read.
        public bool IsResting
        {
            get => _isResting;
            set => _isResting = value;
        }

        public bool IsWaitedFor { get; set; }

        public WorkerRest Rest { get; } = new();

        public bool Wake()
        {
            if (_isResting)
            {
                return false;
            }
            Unpark();
            return true;
        }

        public void Stop()
        {
            Unpark();
            _thread.Join();
            _wake.Dispose();
        }

        private void Unpark()
        {
            if (Volatile.Read(ref _parked) == 1 && Interlocked.Exchange(ref _parked, 0) == 1)
            {
                _wake.Set();
            }
        }

        private void Loop()
        {
            if (_pin)
            {
                // A system that refuses leaves the thread where its scheduler puts it, which is correct, only slower.
                _ = ThreadAffinity.TryPin(_index);
            }
            while (!_pool._stopping)
            {
                long seen = Volatile.Read(ref _pool.Ticket(_index)) >> 32;
                _pool.Help(_index);
                if (!SpinUntilNew(seen))
                {
                    Park(seen);
                }
            }
        }

        private bool SpinUntilNew(long seen)
        {
            for (int i = 0; i < SpinsBeforePark; i++)
            {
                if (IsNew(seen))
                {
                    return true;
                }
                Thread.SpinWait(1);
            }
            return false;
        }

        // Marks itself parked before the last look, so that a caller who publishes after the look sees the mark and wakes it.
        private void Park(long seen)
        {
            Interlocked.Exchange(ref _parked, 1);
            if (IsNew(seen))
            {
                if (Interlocked.Exchange(ref _parked, 0) == 1)
                {
                    return;
                }
            }
            _wake.WaitOne();
        }

        private bool IsNew(long seen) => (!_isResting && Volatile.Read(ref _pool.Ticket(_index)) >> 32 != seen) || _pool._stopping;
    }
}
