using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// Adds up what the ranks of a shard have, so that each has the sums of all: every rank sends its part to all others, through pinned memory of the
/// host or, where the devices reach each other's memory, straight there; when all parts are there, each rank adds them in
/// the order of ranks, as a tree. CUDA devices wait for each other by themselves, for others the host does (<see cref="StreamMark"/>). Buffers grow with the largest pass seen; nothing is allocated in a step.
/// </summary>
/// <remarks>
/// Parts go to two buffers in turn: a rank writes a buffer again only after the exchange between, at which it waited for every rank, and those had
/// read it before they sent there.
/// </remarks>
internal sealed class RankExchange : IDisposable
{
    private const int Turns = 2;
    private readonly DeviceRank[] _ranks;
    private readonly PageLockedArray1D<float>?[] _sent;
    private readonly MemoryBuffer1D<float, Stride1D.Dense>?[] _received;
    private readonly ArrayView<float>[] _parts;
    private readonly StreamMark[] _marks;
    private readonly bool _direct;
    private long _room;
    private int _turn;

    /// <summary>Connects ranks.</summary>
    /// <param name="ranks">Two or four.</param>
    /// <param name="direct">Whether each sends to the others' memory: <see cref="ReachEachOther"/>.</param>
    public RankExchange(DeviceRank[] ranks, bool direct)
    {
        _ranks = ranks;
        _direct = direct;
        _sent = new PageLockedArray1D<float>?[Turns * ranks.Length];
        _received = new MemoryBuffer1D<float, Stride1D.Dense>?[Turns * ranks.Length * ranks.Length];
        _parts = new ArrayView<float>[ranks.Length];
        _marks = [.. ranks.Select(rank => StreamMark.For(rank.Kernels.Accelerator))];
    }

    /// <summary>Lets all devices reach each other's memory.</summary>
    /// <returns>Whether they do.</returns>
    public static bool ReachEachOther(Accelerator[] accelerators)
    {
        bool all = true;
        foreach (Accelerator accelerator in accelerators)
        {
            foreach (Accelerator other in accelerators)
            {
                all = all && (accelerator == other || accelerator.EnablePeerAccess(other));
            }
        }
        return all;
    }

    /// <summary>Adds up <see cref="DeviceRank.Sums"/>.</summary>
    public void AddUp()
    {
        long floats = _ranks[0].Sums.Length;
        Reserve(floats);
        _turn = (_turn + 1) % Turns;
        for (int rank = 0; rank < _ranks.Length; rank++)
        {
            Send(rank, floats);
            _marks[rank].Set(_ranks[rank].Stream);
        }
        for (int rank = 0; rank < _ranks.Length; rank++)
        {
            foreach (StreamMark mark in _marks)
            {
                mark.HoldBack(_ranks[rank].Stream);
            }
            Receive(rank, floats);
            ArrayView<float> sums = _ranks[rank].Sums;
            _ranks[rank].Kernels.Fold.Run(_ranks[rank].Stream, _parts, sums);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        Array.ForEach(_marks, mark => mark.Dispose());
    }

    private void Free()
    {
        foreach (DeviceRank rank in _ranks)
        {
            rank.Stream.Synchronize();
        }
        Array.ForEach(_sent, buffer => buffer?.Dispose());
        Array.ForEach(_received, buffer => buffer?.Dispose());
    }

    private void Send(int rank, long floats)
    {
        DeviceRank from = _ranks[rank];
        if (!_direct)
        {
            from.Traffic.Add(from.Sums.LengthInBytes);
            from.Sums.CopyTo(from.Stream, Sent(rank).ArrayView.SubView(0, floats));
            return;
        }
        for (int to = 0; to < _ranks.Length; to++)
        {
            if (to != rank)
            {
                from.Sums.CopyTo(from.Stream, Received(rank, to).SubView(0, floats));
            }
        }
    }

    // The parts of all ranks, in their order, on one of them.
    private void Receive(int rank, long floats)
    {
        for (int from = 0; from < _ranks.Length; from++)
        {
            _parts[from] = from == rank ? _ranks[rank].Sums : Received(from, rank).SubView(0, floats);
            if (from != rank && !_direct)
            {
                _parts[from].CopyFrom(_ranks[rank].Stream, Sent(from).ArrayView.SubView(0, floats));
            }
        }
    }

    private PageLockedArray1D<float> Sent(int rank) => _sent[(_turn * _ranks.Length) + rank]!;

    private ArrayView<float> Received(int from, int to) =>
        _received[(((_turn * _ranks.Length) + from) * _ranks.Length) + to]!.View.BaseView;

    private void Reserve(long floats)
    {
        if (floats <= _room)
        {
            return;
        }
        Free();
        _room = Math.Max(floats, 2 * _room);
        for (int i = 0; i < _received.Length; i++)
        {
            int from = i / _ranks.Length % _ranks.Length;
            int to = i % _ranks.Length;
            _received[i] = from == to ? null : _ranks[to].Kernels.Accelerator.Allocate1D<float>(_room);
        }
        for (int i = 0; i < _sent.Length; i++)
        {
            _sent[i] = _direct ? null : _ranks[i % _ranks.Length].Kernels.Accelerator.AllocatePageLocked1D<float>(_room);
        }
    }
}
