using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;

namespace Winnow.Kernels.Suite;

/// <summary>What the CPU backend stores of a head, and what a device has stored, as floats.</summary>
internal static class KvReference
{
    /// <summary>A head after it was stored and read by the CPU backend's rules.</summary>
    public static unsafe float[] Stored(KvType type, ReadOnlySpan<float> head)
    {
        float[] read = new float[head.Length];
        switch (type)
        {
            case KvType.F32:
                head.CopyTo(read);
                break;
            case KvType.F16:
                for (int i = 0; i < head.Length; i++)
                {
                    read[i] = HalfBits.Widen(HalfBits.Narrow(Math.Clamp(head[i], -65504f, 65504f)));
                }
                break;
            default:
                byte[] row = new byte[KvLayout.Of(type, head.Length).RowBytes];
                fixed (float* source = head)
                fixed (byte* destination = row)
                {
                    KvQuantizer.Run(type, source, head.Length, destination);
                }
                Read(type, row, read);
                break;
        }
        return read;
    }

    /// <summary>One head of a slot as a device has stored it.</summary>
    public static float[] OnDevice(AcceleratorStream stream, DeviceKvLayout layout, in LayerKv kv, bool keys, int slot, int head)
    {
        int[] words = Download(stream, keys ? kv.Keys : kv.Values);
        ushort[] scales = layout.LayerScales > 0 ? Download(stream, keys ? kv.KeyScales : kv.ValueScales) : [];
        float[] read = new float[layout.Octets * DeviceKvLayout.OctetElements];
        for (int i = 0; i < read.Length; i++)
        {
            int octet = i / DeviceKvLayout.OctetElements;
            int at = keys ? kv.KeyOctet(head, slot) + (octet * 16) : kv.ValueOctet(head, slot) + octet;
            int block = i / DeviceKvLayout.BlockElements;
            int scale = keys ? kv.KeyScale(head, slot) + (block * 16) : kv.ValueScale(head, slot) + block;
            read[i] = Element(layout.Type, words.AsSpan(at * layout.OctetWords, layout.OctetWords), i % 8)
                * (scales.Length > 0 ? HalfBits.Widen(scales[scale]) : 1);
        }
        return read;
    }

    private static T[] Download<T>(AcceleratorStream stream, ArrayView<T> view)
        where T : unmanaged
    {
        T[] data = new T[view.Length];
        view.CopyToCPU(stream, data);
        stream.Synchronize();
        return data;
    }

    private static float Element(KvType type, ReadOnlySpan<int> octet, int index) => type switch
    {
        KvType.F32 => BitConverter.Int32BitsToSingle(octet[index]),
        KvType.Q8_0 => (sbyte)(octet[index / 4] >> (index % 4 * 8)),
        KvType.Q4_0 => ((octet[0] >> (index * 4)) & 15) - 8,
        _ => HalfBits.Widen((ushort)(octet[index / 2] >> (index % 2 * 16))),
    };

    private static void Read(KvType type, ReadOnlySpan<byte> row, Span<float> read)
    {
        KvLayout layout = KvLayout.Of(type, read.Length);
        ReadOnlySpan<byte> codes = row[(layout.Scales * sizeof(ushort))..];
        for (int i = 0; i < read.Length; i++)
        {
            int block = i / KvLayout.BlockElements;
            int place = i % KvLayout.BlockElements;
            float scale = HalfBits.Widen(BitConverter.ToUInt16(row[(block * sizeof(ushort))..]));
            int nibbles = type == KvType.Q4_0 ? codes[(block * 16) + (place % 16)] : 0;
            int code = type == KvType.Q8_0 ? (sbyte)codes[i] : (place < 16 ? nibbles & 15 : nibbles >> 4) - 8;
            read[i] = code * scale;
        }
    }
}
