using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Purpose: copies neighbouring rows of the KV cache, keys and values of every layer and head as they are stored: blocks, and accepted paths.
/// Formula: kv[destination + i] = kv[source + i], i from 0 to rows - 1.
/// Shapes: layers x G x slots x D in any stored form; source and destination do not overlap.
/// Layout: <see cref="DeviceKvLayout"/>, layer after layer.
/// Launch: a group for each layer, head and row; a thread owns words of 32 bits.
/// Cost: reads and writes what is copied, once; 4-byte accesses; no local memory.
/// Numerics: none, bits are copied.
/// </summary>
/// <remarks>
/// v1: portable; not measured: no device.
/// </remarks>
internal static class KvCopyKernel
{
    /// <summary>One row of one head in one layer.</summary>
    [Kernel("kv_copy")]
    public static void Run(KvCopyArguments a)
    {
        int group = Grid.IdxX;
        int layer = group / (a.KvHeads * a.Rows);
        int head = group / a.Rows % a.KvHeads;
        int row = group % a.Rows;
        long words = layer * a.LayerWords;
        long scales = layer * a.LayerScales;
        for (int i = Group.IdxX; i < a.Kv.Octets * a.OctetWords; i += Group.DimX)
        {
            int octet = i / a.OctetWords;
            int word = i - (octet * a.OctetWords);
            long source = a.Kv.KeyOctet(head, a.Source + row) + (octet << 4);
            long destination = a.Kv.KeyOctet(head, a.Destination + row) + (octet << 4);
            a.Kv.Keys[words + (destination * a.OctetWords) + word] = a.Kv.Keys[words + (source * a.OctetWords) + word];
            source = a.Kv.ValueOctet(head, a.Source + row) + octet;
            destination = a.Kv.ValueOctet(head, a.Destination + row) + octet;
            a.Kv.Values[words + (destination * a.OctetWords) + word] = a.Kv.Values[words + (source * a.OctetWords) + word];
        }
        for (int block = Group.IdxX; a.LayerScales > 0 && block < a.Kv.Octets / 4; block += Group.DimX)
        {
            int source = a.Kv.KeyScale(head, a.Source + row) + (block << 4);
            int destination = a.Kv.KeyScale(head, a.Destination + row) + (block << 4);
            a.Kv.KeyScales[scales + destination] = a.Kv.KeyScales[scales + source];
            source = a.Kv.ValueScale(head, a.Source + row) + block;
            destination = a.Kv.ValueScale(head, a.Destination + row) + block;
            a.Kv.ValueScales[scales + destination] = a.Kv.ValueScales[scales + source];
        }
    }
}
