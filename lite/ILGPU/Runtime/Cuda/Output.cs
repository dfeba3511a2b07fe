namespace ILGPU.Runtime.Cuda;

/// <summary>An operand of inline PTX that the instruction writes.</summary>
/// <typeparam name="T">The type.</typeparam>
public struct Output<T> : ICudaAsmEmitParameter
    where T : struct
{
    /// <summary>The value.</summary>
    public T Value;
}
