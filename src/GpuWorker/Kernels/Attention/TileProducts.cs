using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Products of <see cref="TileKernels"/> by tensor cores, with their loads from shared memory: several instructions at a time, because every operand of
/// inline PTX passes through the text of local memory, which takes the compilers long. Layout of lanes: <see cref="TileScores"/>.
/// </summary>
internal static class TileProducts
{
    private const string Load = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 ";
    private const string LoadTransposed = "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 ";
    private const string Multiply = "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 ";

    /// <summary>
    /// Adds the products of 16 elements of the queries with 32 keys, the heads' of all keys before the rests': neighbours do not wait for each other.
    /// </summary>
    /// <param name="scores">What is added to.</param>
    /// <param name="high">Heads of the queries.</param>
    /// <param name="low">Rests of the queries.</param>
    /// <param name="keys">Address of the lane's matrix row: keys 0 to 15, two octets; those of keys 16 to 31 lie 256 bytes further.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileScores AddKeys(in TileScores scores, in Quad high, in Quad low, int keys)
    {
        Ref<float> n0X = scores.N0.X;
        Ref<float> n0Y = scores.N0.Y;
        Ref<float> n0Z = scores.N0.Z;
        Ref<float> n0W = scores.N0.W;
        Ref<float> n1X = scores.N1.X;
        Ref<float> n1Y = scores.N1.Y;
        Ref<float> n1Z = scores.N1.Z;
        Ref<float> n1W = scores.N1.W;
        Ref<float> n2X = scores.N2.X;
        Ref<float> n2Y = scores.N2.Y;
        Ref<float> n2Z = scores.N2.Z;
        Ref<float> n2W = scores.N2.W;
        Ref<float> n3X = scores.N3.X;
        Ref<float> n3Y = scores.N3.Y;
        Ref<float> n3Z = scores.N3.Z;
        Ref<float> n3W = scores.N3.W;
        Input<int> h0 = high.X;
        Input<int> h1 = high.Y;
        Input<int> h2 = high.Z;
        Input<int> h3 = high.W;
        Input<int> l0 = low.X;
        Input<int> l1 = low.Y;
        Input<int> l2 = low.Z;
        Input<int> l3 = low.W;
        Input<int> at = keys;
        CudaAsm.EmitRef(
            "{\n.reg .b32 %%k<8>;\n"
            + Load + "{%%k0, %%k1, %%k2, %%k3}, [%24];\n"
            + Load + "{%%k4, %%k5, %%k6, %%k7}, [%24+256];\n"
            + Multiply + "{%0, %1, %2, %3}, {%16, %17, %18, %19}, {%%k0, %%k1}, {%0, %1, %2, %3};\n"
            + Multiply + "{%4, %5, %6, %7}, {%16, %17, %18, %19}, {%%k2, %%k3}, {%4, %5, %6, %7};\n"
            + Multiply + "{%8, %9, %10, %11}, {%16, %17, %18, %19}, {%%k4, %%k5}, {%8, %9, %10, %11};\n"
            + Multiply + "{%12, %13, %14, %15}, {%16, %17, %18, %19}, {%%k6, %%k7}, {%12, %13, %14, %15};\n"
            + Multiply + "{%0, %1, %2, %3}, {%20, %21, %22, %23}, {%%k0, %%k1}, {%0, %1, %2, %3};\n"
            + Multiply + "{%4, %5, %6, %7}, {%20, %21, %22, %23}, {%%k2, %%k3}, {%4, %5, %6, %7};\n"
            + Multiply + "{%8, %9, %10, %11}, {%20, %21, %22, %23}, {%%k4, %%k5}, {%8, %9, %10, %11};\n"
            + Multiply + "{%12, %13, %14, %15}, {%20, %21, %22, %23}, {%%k6, %%k7}, {%12, %13, %14, %15};\n"
            + "}",
            ref n0X, ref n0Y, ref n0Z, ref n0W, ref n1X, ref n1Y, ref n1Z, ref n1W, ref n2X, ref n2Y, ref n2Z, ref n2W,
            ref n3X, ref n3Y, ref n3Z, ref n3W, ref h0, ref h1, ref h2, ref h3, ref l0, ref l1, ref l2, ref l3, ref at);
        TileScores sums = default;
        sums.N0 = new FloatQuad(n0X.Value, n0Y.Value, n0Z.Value, n0W.Value);
        sums.N1 = new FloatQuad(n1X.Value, n1Y.Value, n1Z.Value, n1W.Value);
        sums.N2 = new FloatQuad(n2X.Value, n2Y.Value, n2Z.Value, n2W.Value);
        sums.N3 = new FloatQuad(n3X.Value, n3Y.Value, n3Z.Value, n3W.Value);
        return sums;
    }

    /// <summary>Adds the products of 32 elements of the queries with 8 keys: the same sums as of two <see cref="AddKeys"/>.</summary>
    /// <param name="scores">What is added to.</param>
    /// <param name="queries">Heads and rests of elements 0 to 15, then of 16 to 31.</param>
    /// <param name="keys">Address of the lane's matrix row: four octets.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad AddEightKeys(in FloatQuad scores, in TileWeights queries, int keys)
    {
        Ref<float> x = scores.X;
        Ref<float> y = scores.Y;
        Ref<float> z = scores.Z;
        Ref<float> w = scores.W;
        Input<int> h0 = queries.High0.X;
        Input<int> h1 = queries.High0.Y;
        Input<int> h2 = queries.High0.Z;
        Input<int> h3 = queries.High0.W;
        Input<int> l0 = queries.Low0.X;
        Input<int> l1 = queries.Low0.Y;
        Input<int> l2 = queries.Low0.Z;
        Input<int> l3 = queries.Low0.W;
        Input<int> h4 = queries.High1.X;
        Input<int> h5 = queries.High1.Y;
        Input<int> h6 = queries.High1.Z;
        Input<int> h7 = queries.High1.W;
        Input<int> l4 = queries.Low1.X;
        Input<int> l5 = queries.Low1.Y;
        Input<int> l6 = queries.Low1.Z;
        Input<int> l7 = queries.Low1.W;
        Input<int> at = keys;
        CudaAsm.EmitRef(
            "{\n.reg .b32 %%k<4>;\n"
            + Load + "{%%k0, %%k1, %%k2, %%k3}, [%20];\n"
            + Multiply + "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%%k0, %%k1}, {%0, %1, %2, %3};\n"
            + Multiply + "{%0, %1, %2, %3}, {%8, %9, %10, %11}, {%%k0, %%k1}, {%0, %1, %2, %3};\n"
            + Multiply + "{%0, %1, %2, %3}, {%12, %13, %14, %15}, {%%k2, %%k3}, {%0, %1, %2, %3};\n"
            + Multiply + "{%0, %1, %2, %3}, {%16, %17, %18, %19}, {%%k2, %%k3}, {%0, %1, %2, %3};\n"
            + "}",
            ref x, ref y, ref z, ref w, ref h0, ref h1, ref h2, ref h3, ref l0, ref l1, ref l2, ref l3,
            ref h4, ref h5, ref h6, ref h7, ref l4, ref l5, ref l6, ref l7, ref at);
        return new FloatQuad(x.Value, y.Value, z.Value, w.Value);
    }

    /// <summary>Adds the products of the weights of 16 keys with 16 columns of values.</summary>
    /// <param name="sums">What is added to: columns 0 to 7, and 8 to 15.</param>
    /// <param name="high">Heads of the weights.</param>
    /// <param name="low">Rests of the weights.</param>
    /// <param name="values">Address of the lane's matrix row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Octet AddValues(in Octet sums, in Quad high, in Quad low, int values)
    {
        Ref<float> x0 = sums.Low.X;
        Ref<float> y0 = sums.Low.Y;
        Ref<float> z0 = sums.Low.Z;
        Ref<float> w0 = sums.Low.W;
        Ref<float> x1 = sums.High.X;
        Ref<float> y1 = sums.High.Y;
        Ref<float> z1 = sums.High.Z;
        Ref<float> w1 = sums.High.W;
        Input<int> h0 = high.X;
        Input<int> h1 = high.Y;
        Input<int> h2 = high.Z;
        Input<int> h3 = high.W;
        Input<int> l0 = low.X;
        Input<int> l1 = low.Y;
        Input<int> l2 = low.Z;
        Input<int> l3 = low.W;
        Input<int> at = values;
        CudaAsm.EmitRef(
            "{\n.reg .b32 %%k<4>;\n"
            + LoadTransposed + "{%%k0, %%k1, %%k2, %%k3}, [%16];\n"
            + Multiply + "{%0, %1, %2, %3}, {%8, %9, %10, %11}, {%%k0, %%k1}, {%0, %1, %2, %3};\n"
            + Multiply + "{%4, %5, %6, %7}, {%8, %9, %10, %11}, {%%k2, %%k3}, {%4, %5, %6, %7};\n"
            + Multiply + "{%0, %1, %2, %3}, {%12, %13, %14, %15}, {%%k0, %%k1}, {%0, %1, %2, %3};\n"
            + Multiply + "{%4, %5, %6, %7}, {%12, %13, %14, %15}, {%%k2, %%k3}, {%4, %5, %6, %7};\n"
            + "}",
            ref x0, ref y0, ref z0, ref w0, ref x1, ref y1, ref z1, ref w1,
            ref h0, ref h1, ref h2, ref h3, ref l0, ref l1, ref l2, ref l3, ref at);
        return new Octet(
            new FloatQuad(x0.Value, y0.Value, z0.Value, w0.Value), new FloatQuad(x1.Value, y1.Value, z1.Value, w1.Value));
    }
}
