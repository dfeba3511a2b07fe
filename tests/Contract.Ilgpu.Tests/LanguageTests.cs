using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class LanguageTests(CpuFixture fixture) : KernelTests(fixture)
{
    private const int Factor = 3;
    private static readonly int Offset = 100;
    private static readonly Four Tile = new() { X = 1, W = 4 };

    [Fact]
    public void Switches_OfNumbersAndPatterns_TakeTheirArm()
    {
        int[] read = Run<int, int>(Switches, Count(8), 8);
        Assert.Equal([15, 19, 21, 27, 13, 7, 7, 8], read);
    }

    private static void Switches(ArrayView<int> input, ArrayView<int> output)
    {
        int value = input[Group.IdxX];
        int first;
        switch (value)
        {
            case 0: first = 5; break;
            case 1: first = 9; break;
            case 2: first = 11; break;
            case 3: first = 17; break;
            case 4: first = 3; break;
            default: first = -3; break;
        }

        output[value] = first + (value switch { < 5 => 10, >= 5 and < 7 => 10, _ => 11 });
    }

    [Fact]
    public void Tuples_AndOutParameters_CarrySeveralValues()
    {
        int[] read = Run<int, int>(Tuples, Count(4), 4);
        Assert.Equal(Count(4).Select(i => i + 1 + (2 * i) + (i / 2) - (i % 2)), read);
    }

    private static void Tuples(ArrayView<int> input, ArrayView<int> output)
    {
        (int next, float twice) = Pair(input[Group.IdxX]);
        Split(input[Group.IdxX], out int half, out int rest);
        (half, rest) = (rest, half);
        output[Group.IdxX] = next + (int)twice + rest - half;
    }

    private static (int Next, float Twice) Pair(int value) => (value + 1, value * 2f);

    private static void Split(int value, out int half, out int rest)
    {
        half = value / 2;
        rest = value % 2;
    }

    [Fact]
    public void Structs_WithMethodsAndByReference_KeepTheirState()
    {
        float[] read = Run<float, float>(Accumulate, [1, 2, 3, 4, 5, 6, 7, 8], 2, (1, 1));
        Assert.Equal([36, 16], read);
    }

    private static void Accumulate(ArrayView<float> input, ArrayView<float> output)
    {
        Sums sums = default;
        for (int i = 0; i < 8; i++)
        {
            sums.Add(input[i]);
            AddOdd(ref sums, i, input[i]);
        }

        Sums copy = sums with { Odd = sums.Odd - 4 };
        output[0] = copy.All;
        output[1] = sums.Odd - 4 - (sums.Odd - copy.Odd) + 8;
    }

    private static void AddOdd(ref Sums sums, int index, float value)
    {
        if ((index & 1) == 0)
        {
            sums.Odd += value;
        }
    }

    private record struct Sums(float All, float Odd)
    {
        public void Add(float value) => All += value;
    }

    [Fact]
    public void Constants_OfEveryKind_AreRead()
    {
        int[] read = Run<int, int>(Constants, [2], 1);
        Assert.Equal([(2 * 3) + 100 + 1 + 4], read);
    }

    private static void Constants(ArrayView<int> input, ArrayView<int> output) =>
        output[0] = (input[0] * Factor) + Offset + Tile.X + Tile.W;

    [Fact]
    public void Loops_WithBreakContinueAndGoto_EndWhereTheyShould()
    {
        int[] read = Run<int, int>(Loops, [1, 3, 4, 9, 100], 3, (1, 1));
        Assert.Equal([5, 10, 8], read);
    }

    private static void Loops(ArrayView<int> input, ArrayView<int> output)
    {
        int sum = 0;
        for (int i = 0; i < input.Length; i++)
        {
            if (input[i] == 3)
            {
                continue;
            }

            if (input[i] == 9)
            {
                break;
            }

            sum += input[i];
        }

        int count = 0;
        do
        {
            count++;
        }
        while (count < 10 && input[0] > 0);

        int doubled = 1;
    again:
        doubled *= 2;
        if (doubled < 8)
        {
            goto again;
        }

        output[0] = sum;
        output[1] = count;
        output[2] = doubled;
    }

    [Fact]
    public void LocalFunctionsAndIndexers_AreCalled()
    {
        float[] read = Run<float, float>(Transpose, [1, 2, 3, 4, 5, 6], 6, (1, 6));
        Assert.Equal([2, 5, 3, 6, 4, 7], read);
    }

    private static void Transpose(ArrayView<float> input, ArrayView<float> output)
    {
        static float Next(float value) => value + 1;

        var source = new Table(input, 3);
        var target = new Table(output, 2);
        int row = Group.IdxX / 3;
        int column = Group.IdxX % 3;
        target[column, row] = Next(source[row, column]);
    }

    private readonly struct Table(ArrayView<float> cells, int columns)
    {
        public ref float this[int row, int column] => ref cells[(row * columns) + column];
    }
}
