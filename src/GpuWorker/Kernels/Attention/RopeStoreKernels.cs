using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Purpose: what happens to queries, keys and values between their projections and attention: bias, head norm, rotary position, and keys and values into the cache.
/// Formula: x += b; x *= w / sqrt(mean(x^2) + epsilon); (x, y) = (x cos - y sin, x sin + y cos) for every rotated pair; keys and values in their stored form.
/// Shapes: queries T x H x D, keys and values T x G x D, angles T x 2 pairs, slots from <see cref="PassMetadata"/>; D up to 256.
/// Layout: rows of floats with any stride; the cache as <see cref="DeviceKvLayout"/> says, padded with zeros to whole blocks of 32.
/// Launch: a group for each row and head (H + 2 G of them); a thread owns octets of 8 elements.
/// Cost: about 10 FLOPs an element, 4 bytes read and 4 (queries) or 0.5 to 4 (cache) written; no local memory.
/// Numerics: float32. Rotation and codes round as the CPU does, bit for bit; a norm adds octets as chains, then the octets in order.
/// </summary>
/// <remarks>
/// v1: one group a head, portable; not measured: no device.
/// </remarks>
internal static class RopeStoreKernels
{
    /// <summary>Stands for queries among biases and norms.</summary>
    public const int QueryBit = 1;

    /// <summary>Stands for keys.</summary>
    public const int KeyBit = 2;

    /// <summary>Stands for values.</summary>
    public const int ValueBit = 4;

    private const int OctetElements = DeviceKvLayout.OctetElements;
    private const int MostOctets = DeviceKvLayout.MostHeadSize / OctetElements;

    /// <summary>One head of one row.</summary>
    [Kernel("rope_store_f32_f32", typeof(FloatKv))]
    [Kernel("rope_store_f32_f16", typeof(HalfKv))]
    [Kernel("rope_store_f32_q8", typeof(ByteKv))]
    [Kernel("rope_store_f32_q4", typeof(NibbleKv))]
    public static void Run<TForm>(RopeStoreArguments a)
        where TForm : unmanaged, IKvForm
    {
        ArrayView<float> elements = SharedMemory.Allocate<float>(DeviceKvLayout.MostHeadSize);
        ArrayView<float> octets = SharedMemory.Allocate<float>(MostOctets);
        int perRow = a.Heads + (2 * a.KvHeads);
        int row = Grid.IdxX / perRow;
        int head = Grid.IdxX - (row * perRow);
        bool isQuery = head < a.Heads;
        bool isValue = head >= a.Heads + a.KvHeads;
        int kvHead = isValue ? head - a.Heads - a.KvHeads : head - a.Heads;
        Load(a, elements, row, isQuery ? head : kvHead, isQuery, isValue);
        Group.Barrier();
        if (!isValue)
        {
            if ((a.Norms & (isQuery ? QueryBit : KeyBit)) != 0)
            {
                Norm(a, elements, octets, isQuery);
            }
            Rotate(a, elements, row);
        }
        if (isQuery)
        {
            for (int d = Group.IdxX; d < a.HeadSize; d += Group.DimX)
            {
                a.Queries[(row * a.QueryStride) + (head * a.HeadSize) + d] = elements[d];
            }
            return;
        }
        Store<TForm>(a, elements, octets, a.Pass[(row * PassMetadata.RowInts) + PassMetadata.RowSlot], kvHead, isValue);
    }

    // Elements with their bias, 0 beyond the head.
    private static void Load(RopeStoreArguments a, ArrayView<float> elements, int row, int head, bool isQuery, bool isValue)
    {
        int padded = a.Kv.Octets * OctetElements;
        for (int d = Group.IdxX; d < padded; d += Group.DimX)
        {
            float x = 0f;
            if (d < a.HeadSize)
            {
                int at = (head * a.HeadSize) + d;
                if (isQuery)
                {
                    x = a.Queries[(row * a.QueryStride) + at];
                    x = (a.Biases & QueryBit) != 0 ? x + a.QueryBias[at] : x;
                }
                else if (isValue)
                {
                    x = a.Values[(row * a.ValueStride) + at];
                    x = (a.Biases & ValueBit) != 0 ? x + a.ValueBias[at] : x;
                }
                else
                {
                    x = a.Keys[(row * a.KeyStride) + at];
                    x = (a.Biases & KeyBit) != 0 ? x + a.KeyBias[at] : x;
                }
            }
            elements[d] = x;
        }
    }

    // Padding is 0 and adds nothing.
    private static void Norm(RopeStoreArguments a, ArrayView<float> elements, ArrayView<float> octets, bool isQuery)
    {
        for (int octet = Group.IdxX; octet < a.Kv.Octets; octet += Group.DimX)
        {
            float sum = 0f;
            for (int i = 0; i < OctetElements; i++)
            {
                float x = elements[(octet * OctetElements) + i];
                sum = (x * x) + sum;
            }
            octets[octet] = sum;
        }
        Group.Barrier();
        float total = octets[0];
        for (int octet = 1; octet < a.Kv.Octets; octet++)
        {
            total += octets[octet];
        }
        float factor = 1f / MathF.Sqrt((total / a.HeadSize) + a.Epsilon);
        for (int d = Group.IdxX; d < a.HeadSize; d += Group.DimX)
        {
            float weight = isQuery ? a.QueryNorm[d] : a.KeyNorm[d];
            elements[d] = elements[d] * factor * weight;
        }
        Group.Barrier();
    }

    // A thread owns a pair: it alone reads and writes both.
    private static void Rotate(RopeStoreArguments a, ArrayView<float> elements, int row)
    {
        for (int pair = Group.IdxX; pair < a.Pairs; pair += Group.DimX)
        {
            int first = a.Interleaved != 0 ? 2 * pair : pair;
            int second = a.Interleaved != 0 ? first + 1 : pair + a.Pairs;
            float cos = a.Angles[(row * a.AngleStride) + pair];
            float sin = a.Angles[(row * a.AngleStride) + a.Pairs + pair];
            float x = elements[first];
            float y = elements[second];
            elements[first] = Rounding.Own(x * cos, a.Zero) - Rounding.Own(y * sin, a.Zero);
            elements[second] = Rounding.Own(x * sin, a.Zero) + Rounding.Own(y * cos, a.Zero);
        }
        Group.Barrier();
    }

    private static void Store<TForm>(RopeStoreArguments a, ArrayView<float> elements, ArrayView<float> octets, int slot, int head, bool isValue)
        where TForm : unmanaged, IKvForm
    {
        if (TForm.HasScales)
        {
            FindExtremes(a, elements, octets);
        }
        for (int octet = Group.IdxX; octet < a.Kv.Octets; octet += Group.DimX)
        {
            float extreme = 0f;
            if (TForm.HasScales)
            {
                extreme = ExtremeOf(octets, octet >> 2);
                if ((octet & 3) == 0)
                {
                    StoreScale(a, slot, head, octet >> 2, isValue, TForm.Scale(extreme));
                }
            }
            int first = octet * OctetElements;
            Octet values = new(
                new FloatQuad(elements[first], elements[first + 1], elements[first + 2], elements[first + 3]),
                new FloatQuad(elements[first + 4], elements[first + 5], elements[first + 6], elements[first + 7]));
            if (isValue)
            {
                TForm.Store(a.Kv.Values, a.Kv.ValueOctet(head, slot) + octet, values, TForm.Inverse(extreme), a.Zero);
            }
            else
            {
                TForm.Store(a.Kv.Keys, a.Kv.KeyOctet(head, slot) + (octet << 4), values, TForm.Inverse(extreme), a.Zero);
            }
        }
    }

    // The element largest in size of every octet, the first of equals.
    private static void FindExtremes(RopeStoreArguments a, ArrayView<float> elements, ArrayView<float> octets)
    {
        for (int octet = Group.IdxX; octet < a.Kv.Octets; octet += Group.DimX)
        {
            float extreme = 0f;
            for (int i = 0; i < OctetElements; i++)
            {
                extreme = Larger(extreme, elements[(octet * OctetElements) + i]);
            }
            octets[octet] = extreme;
        }
        Group.Barrier();
    }

    private static float ExtremeOf(ArrayView<float> octets, int block)
    {
        float extreme = octets[4 * block];
        for (int i = 1; i < 4; i++)
        {
            extreme = Larger(extreme, octets[(4 * block) + i]);
        }
        return extreme;
    }

    private static float Larger(float x, float y) => (y < 0f ? -y : y) > (x < 0f ? -x : x) ? y : x;

    private static void StoreScale(RopeStoreArguments a, int slot, int head, int block, bool isValue, int half)
    {
        if (isValue)
        {
            a.Kv.ValueScales[a.Kv.ValueScale(head, slot) + block] = (ushort)half;
        }
        else
        {
            a.Kv.KeyScales[a.Kv.KeyScale(head, slot) + (block << 4)] = (ushort)half;
        }
    }
}
