using System.Runtime.CompilerServices;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>
/// The address spaces of one group. Global addresses are those of the process, and only the memory of the launch's views may be reached; shared and local
/// memory lie in windows below four gigabytes, where no buffer lies.
/// </summary>
internal sealed unsafe class PtxMemory(IReadOnlyList<(long Start, long Length)> views, int sharedBytes, int localBytes, int lanes)
{
    public const long SharedStart = 0x1000_0000;
    public const long LocalStart = 0x2000_0000;

    private readonly byte[] _shared = GC.AllocateArray<byte>(Math.Max(1, sharedBytes), pinned: true);
    private readonly byte[] _local = GC.AllocateArray<byte>(Math.Max(1, localBytes * lanes), pinned: true);
    private (long Start, long Length) _last;

    /// <summary>Reads a number of 1, 2, 4 or 8 bytes, zero-extended.</summary>
    public ulong Load(PtxLane lane, ulong address, int bytes)
    {
        byte* at = Reach(lane, address, bytes);
        return bytes switch { 1 => *at, 2 => Unsafe.ReadUnaligned<ushort>(at), 4 => Unsafe.ReadUnaligned<uint>(at), _ => Unsafe.ReadUnaligned<ulong>(at) };
    }

    /// <summary>Writes the low 1, 2, 4 or 8 bytes of a number.</summary>
    public void Store(PtxLane lane, ulong address, int bytes, ulong value)
    {
        byte* at = Reach(lane, address, bytes);
        switch (bytes)
        {
            case 1: *at = (byte)value; break;
            case 2: Unsafe.WriteUnaligned(at, (ushort)value); break;
            case 4: Unsafe.WriteUnaligned(at, (uint)value); break;
            default: Unsafe.WriteUnaligned(at, value); break;
        }
    }

    private byte* Reach(PtxLane lane, ulong address, int bytes)
    {
        long at = (long)address;
        if (at >= SharedStart && at + bytes <= SharedStart + _shared.Length)
        {
            return (byte*)Unsafe.AsPointer(ref _shared[at - SharedStart]);
        }

        if (at >= LocalStart && at + bytes <= LocalStart + localBytes)
        {
            return (byte*)Unsafe.AsPointer(ref _local[(lane.Linear * localBytes) + at - LocalStart]);
        }

        if (!Holds(_last, at, bytes))
        {
            _last = views.FirstOrDefault(view => Holds(view, at, bytes));
            if (_last.Length == 0)
            {
                throw new InvalidOperationException($"Thread '{lane.Linear}' of group '{lane.Group.Index}' reaches '{bytes}' bytes at '0x{address:x}', outside every view of the launch.");
            }
        }

        return (byte*)at;
    }

    private static bool Holds((long Start, long Length) view, long at, int bytes) => at >= view.Start && at + bytes <= view.Start + view.Length;
}
