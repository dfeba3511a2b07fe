using ILGPU;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>What of the language may not be used.</summary>
internal static class RefusedLanguage
{
    private static readonly int[] Table = [1, 2, 3, 4];
    private static int _mutable = 3;

    [Refused(Refusal.Throws, "exceptions are not translated")]
    public static void Throw(ArrayView<int> values)
    {
        if (values[0] < 0)
        {
            throw new ArgumentException("negative");
        }
    }

    [Refused(Refusal.Throws, "exceptions are not translated")]
    public static void Try(ArrayView<int> values)
    {
        try
        {
            values[0] = 1;
        }
        finally
        {
            values[1] = 2;
        }
    }

    [Refused(Refusal.Throws, "delegates and lambdas")]
    public static void Lambda(ArrayView<int> values)
    {
        Func<int, int> next = static x => x + 1;
        values[0] = next(values[1]);
    }

    [Refused(Refusal.Throws, "has a layout of its own")]
    public static void Capture(ArrayView<int> values)
    {
        int factor = values[1];
        int Scale(int x) => x * factor;
        values[0] = Scale(values[2]);
    }

    [Refused(Refusal.Throws, "objects are not translated")]
    public static void Box(ArrayView<int> values)
    {
        object boxed = values[0];
        values[1] = (int)boxed;
    }

    [Refused(Refusal.Throws, "objects are not translated")]
    public static void Class(ArrayView<int> values)
    {
        var box = new Holder<int> { Value = values[0] };
        values[1] = box.Value;
    }

    [Refused(Refusal.Throws, "strings are not translated")]
    public static void Text(ArrayView<int> values) => values[0] = "text".Length;

    [Refused(Refusal.Local, "arrays live in local memory")]
    public static void Array(ArrayView<int> values)
    {
        int[] four = [1, 2, 3, 4];
        values[0] = four[values[1] & 3];
    }

    [Refused(Refusal.Throws, "static arrays and objects")]
    public static void StaticArray(ArrayView<int> values) => values[0] = Table[values[1] & 3];

    [Refused(Refusal.Throws, "only readonly static fields")]
    public static void StaticLoad(ArrayView<int> values) => values[0] = _mutable;

    [Refused(Refusal.Throws, "static fields cannot be written")]
    public static void StaticStore(ArrayView<int> values) => _mutable = values[0];

    [Refused(Refusal.Throws, "stackalloc is not translated")]
    public static void StackAlloc(ArrayView<int> values)
    {
        Span<int> span = stackalloc int[4];
        span[values[0] & 3] = 1;
        values[1] = span[2];
    }

    [Refused(Refusal.Throws, "typeof and array initialisers")]
    public static void TypeOf(ArrayView<int> values) => OfType(values);

    [Refused(Refusal.Call, "recursion makes a stack")]
    public static void Recursion(ArrayView<int> values) => values[0] = Fibonacci(values[1]);

    [Refused(Refusal.Throws, "exceptions are not translated")]
    public static void Enumerator(ArrayView<int> values)
    {
        foreach (int value in Enumerable.Range(0, 4))
        {
            values[0] += value;
        }
    }

    [Refused(Refusal.Throws, "virtual calls on references")]
    public static void Interface(ArrayView<int> values)
    {
        IComparable<int> comparable = values[0];
        values[1] = comparable.CompareTo(3);
    }

    [Refused(Refusal.Throws, "not on the list")]
    public static void RecordEquality(ArrayView<int> values)
    {
        var pair = new Pair(values[0], values[1]);
        values[2] = pair == new Pair(1, 2) ? 1 : 0;
    }

    [Refused(Refusal.Elsewhere, "nothing is checked on the device")]
    public static void Checked(ArrayView<int> values) => values[0] = checked(values[1] * 2);

    [Refused(Refusal.Throws, "the size must be a constant")]
    public static void SharedOfAnySize(ArrayView<int> values, int count)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(count);
        shared[0] = values[0];
        values[1] = shared[0];
    }

    [Refused(Refusal.Throws, "the size must be a constant")]
    public static void LocalOfAnySize(ArrayView<int> values, int count)
    {
        ArrayView<int> local = LocalMemory.Allocate<int>(2 * count);
        local[0] = values[0];
        values[1] = local[0];
    }

    private static void OfType<T>(ArrayView<T> values)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            values[0] = values[1];
        }
    }

    private static int Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);

    private readonly record struct Pair(int First, int Second);

    private sealed class Holder<T>
    {
        public T? Value { get; set; }
    }
}
