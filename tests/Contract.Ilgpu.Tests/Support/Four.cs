namespace Winnow.Contract.Ilgpu.Tests.Support;

/// <summary>Sixteen bytes that are loaded as one.</summary>
internal struct Four
{
    public int X;
    public int Y;
    public int Z;
    public int W;
}
