using ILGPU;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>What of the language is translated.</summary>
internal static class TranslatedLanguage
{
    private const int Factor = 3;
    private static readonly int Offset = 7;
    private static readonly Words Tile = new() { X = 4 };

    [Kernel("sample_generic", typeof(HalfAndBytes))]
    public static void Generic<TBlock>(ArrayView<byte> input, ArrayView<float> output)
        where TBlock : unmanaged, IBlock
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(TBlock.Bytes * 4);
        float value = TBlock.Decode(input, (long)Grid.IdxX * TBlock.Bytes, Group.IdxX) - TBlock.Bias;
        if (TBlock.IsFlat)
        {
            value = default(TBlock).Scale(value);
        }

        shared[Group.IdxX] = value;
        Group.Barrier();
        output[Group.IdxX] = shared[Group.DimX - 1 - Group.IdxX];
    }

    [Kernel("sample_switches")]
    public static void Switches(ArrayView<int> values, DayOfWeek day)
    {
        int value = values[0];
        switch (value)
        {
            case 0: value = 5; break;
            case 1: value = 9; break;
            case 2: value = 11; break;
            case 3: value = 17; break;
            default: value = -1; break;
        }

        values[1] = value switch { < 3 => 1, >= 3 and < 9 => 2, _ => 3 };
        values[2] = (values[3], values[4]) switch { (0, 1) => 5, (1, _) => 6, _ => 7 };
        values[3] = day == DayOfWeek.Friday ? 1 : (int)day;
    }

    [Kernel("sample_tuples")]
    public static void Tuples(ArrayView<int> values)
    {
        (int next, float twice) = Pair(values[0]);
        (int x, int y, float z) triple = (values[1], values[2], 2f);
        triple.x = next;
        (next, triple.y) = (triple.y, next);
        Split(values[3], out int high, out int low);
        values[4] = next + (int)twice + triple.x + triple.y + (int)triple.z + high - low;
    }

    [Kernel("sample_structs")]
    public static void Structs(ArrayView<float> values, ArrayView<Words> words)
    {
        Sums sums = default;
        for (int i = 0; i < 64; i++)
        {
            sums.Add(values[i]);
            AddTo(ref sums, i);
        }

        Sums copy = sums with { All = 1 };
        var table = new Table(values, 4);
        table[1, 2] = copy.All + sums.Mean;
        Words chosen = words[0].X > 1 ? words[1] : words[2];
        words[3] = chosen with { X = 4 };
        ref Words last = ref words[4];
        last.Y = Tile.X;
    }

    [Kernel("sample_loops")]
    public static void Loops(ArrayView<int> values, int count)
    {
        static int Triple(int value) => value * Factor;

        if (Group.IdxX >= count)
        {
            return;
        }

        int sum = 0;
        for (int i = 0; i < count; i++)
        {
            if (values[i] == 3)
            {
                continue;
            }

            if (values[i] == 9)
            {
                break;
            }

            sum += Triple(values[i]) + Offset;
        }

        int steps = 0;
        do
        {
            steps++;
        }
        while (values[steps] > 0 && steps < 100);

    again:
        sum /= 2;
        if (sum > 5)
        {
            goto again;
        }

        values[Group.IdxX] = sum + steps;
    }

    [Kernel("sample_parameters")]
    public static void Parameters(Arguments arguments, byte u8, sbyte i8, short i16, ushort u16, uint u32, long i64, ulong u64, float f32, double f64) =>
        arguments.Output[Group.IdxX] = (arguments.Input[Group.IdxX] * arguments.Scale) + u8 + i8 + i16 + u16 + u32 + i64 + (float)(long)u64 + f32 + (float)f64;

    internal struct Arguments
    {
        public ArrayView<int> Input;
        public ArrayView<float> Output;
        public float Scale;
    }

    private static (int Next, float Twice) Pair(int value) => (value + 1, value * 2f);

    private static void Split(int value, out int high, out int low)
    {
        high = value >> 4;
        low = value & 15;
    }

    private static void AddTo(ref Sums sums, int value) => sums.All += value;

    private record struct Sums(float All, int Count)
    {
        public readonly float Mean => All / Count;

        public void Add(float value)
        {
            All += value;
            Count++;
        }
    }

    private readonly struct Table(ArrayView<float> cells, int columns)
    {
        public ref float this[int row, int column] => ref cells[(row * columns) + column];
    }
}
