namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>Sixteen bytes as four words.</summary>
internal struct Words
{
    public int X;
    public int Y;
    public int Z;
    public int W;
}
