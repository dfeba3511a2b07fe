namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// The two operations that devices have instructions for and C# has no words for. A kernel that must give the same bits as another takes its
/// products and sums from here, so that no compiler decides which of them are fused.
/// </summary>
internal interface IDeviceMath
{
    /// <summary><c>sum + a0 b0 + a1 b1 + a2 b2 + a3 b3</c> over four signed bytes each, exact.</summary>
    static abstract int Dot4(int a, int b, int sum);

    /// <summary><c>a * b + c</c>: with one rounding where the device has an instruction that is named, otherwise as it comes.</summary>
    static abstract float Fma(float a, float b, float c);
}
