namespace ILGPU.Runtime.Cuda;

/// <summary>An operand of inline PTX that the instruction reads.</summary>
/// <typeparam name="T">The type.</typeparam>
public struct Input<T> : ICudaAsmEmitParameter
    where T : struct
{
    /// <summary>The value.</summary>
    public T Value;

    /// <summary>An operand with a value.</summary>
    /// <param name="v">The value.</param>
    public static implicit operator Input<T>(T v) => new() { Value = v };
}
