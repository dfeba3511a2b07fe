namespace Winnow.Inference.Cpu;

/// <summary>
/// Sine and cosine of doubles from IEEE additions, multiplications and divisions only, so that they give the same bits on every platform,
/// which <see cref="Math"/> does not promise.
/// </summary>
internal static class PortableTrigonometry
{
    // pi/2 in three parts; the first two have 33 significant bits, so that n times each is exact for n below 2^20.
    private const double HalfPiHigh = 1.57079632673412561417;
    private const double HalfPiMiddle = 6.07710050630396597660e-11;
    private const double HalfPiLow = 2.02226624879595063154e-21;

    /// <summary>
    /// Sine and cosine of an angle from 0 to 2^20, with an absolute error below 1e-15: the angle less a multiple of pi/2, Taylor's series.
    /// </summary>
    public static (double Sin, double Cos) SinCos(double angle)
    {
        double n = Math.Floor((angle / (HalfPiHigh + HalfPiMiddle)) + 0.5);
        double r = angle - (n * HalfPiHigh) - (n * HalfPiMiddle) - (n * HalfPiLow);
        double square = r * r;
        double sine = 1;
        double cosine = 1;
        for (int k = 20; k >= 2; k -= 2)
        {
            sine = 1 - (sine * square / (k * (k + 1)));
            cosine = 1 - (cosine * square / (k * (k - 1)));
        }
        sine *= r;
        return ((long)n & 3) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
    }
}
