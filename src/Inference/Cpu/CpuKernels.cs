using Winnow.Inference.Cpu.Emitted;
using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>
/// The operations of the CPU backend. Every implementation gives the same bits, and every result depends only on its own row.
/// </summary>
/// <remarks>
/// Rows of floats lie at strides that are multiples of 16 and are padded with zeros. Pointers are trusted: the graph checks sizes once, when
/// it is built. Tests derive from this to inject a kernel that breaks the law and see that the suite notices.
/// </remarks>
internal abstract unsafe class CpuKernels
{
    /// <summary>Changes whenever any kernel may give other bits than before; part of the numerics id.</summary>
    public const string Version = "4";

    /// <summary>Every implementation this processor runs, widest first.</summary>
    public static IReadOnlyList<CpuKernels> Supported { get; } = FindSupported();

    /// <summary>The widest implementation.</summary>
    public static CpuKernels Best => Supported[0];

    /// <summary>Instruction set, for people.</summary>
    public abstract string Name { get; }

    /// <summary>Quantises one row of activations.</summary>
    /// <param name="source">Row of <c>destination.Columns</c> floats.</param>
    /// <param name="destination">Where the row goes.</param>
    /// <param name="row">Its index there.</param>
    /// <param name="forms">What to write.</param>
    public abstract void Quantize(float* source, in QuantizedRows destination, int row, InputForms forms);

    /// <summary>Outputs of a range of panels for all rows: <c>output[row][n] (+)= weights[n] . input[row]</c>.</summary>
    /// <param name="weights">Matrix.</param>
    /// <param name="input">Activations, quantised when the matrix asks for it.</param>
    /// <param name="rows">Activation rows.</param>
    /// <param name="firstPanel">First panel.</param>
    /// <param name="endPanel">Panel after the last.</param>
    /// <param name="output">Output rows.</param>
    public abstract void MatMul(
        WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output);

    /// <summary>Root-mean-square norm: <c>y = (x * 1/sqrt(mean(x^2) + epsilon)) * weight</c>.</summary>
    /// <param name="x">Row of <paramref name="count"/> floats.</param>
    /// <param name="weight">Weights; padded like rows.</param>
    /// <param name="count">Elements.</param>
    /// <param name="epsilon">Added to the mean.</param>
    /// <param name="y">Result.</param>
    public abstract void RmsNorm(float* x, float* weight, int count, float epsilon, float* y);

    /// <summary><c>gate = activation(gate) * up</c> over a padded row.</summary>
    public abstract void Gate(Activation activation, float* gate, float* up, int count);

    /// <summary><c>x = cap * tanh(x / cap)</c>.</summary>
    /// <param name="x">Floats; not padded, none past the count is touched.</param>
    /// <param name="count">Elements.</param>
    /// <param name="cap">Above 0.</param>
    public abstract void SoftCap(float* x, long count, float cap);

    /// <summary>Converts floats to finite halves, nearest even: what is too large, or NaN, becomes the largest of its sign or the least.</summary>
    /// <param name="source">Padded to 16.</param>
    /// <param name="destination">Padded to 16.</param>
    /// <param name="count">Elements.</param>
    public abstract void ToHalf(float* source, ushort* destination, int count);

    /// <summary>Attention of several queries that share their keys' order and one KV head.</summary>
    public abstract void Attend(in AttentionQueries queries);

    private static List<CpuKernels> FindSupported()
    {
        List<CpuKernels> kernels = [];
        if (Lanes512.IsSupported && EmittedPanelDot.IsSupported)
        {
            kernels.Add(new EmittedKernels());
        }
        if (Lanes512.IsSupported && PanelVector512.IsSupported)
        {
            kernels.Add(new LaneKernels<Lanes512, VectorPanelDot<PanelVector512, Lanes512>>("avx512"));
        }
        if (Lanes256.IsSupported && PanelVector256.IsSupported)
        {
            kernels.Add(new LaneKernels<Lanes256, VectorPanelDot<PanelVector256, Lanes256>>("avx2"));
        }
        if (Lanes128.IsSupported && PanelVector128.IsSupported)
        {
            kernels.Add(new LaneKernels<Lanes128, VectorPanelDot<PanelVector128, Lanes128>>(PanelVector128.Name));
        }
        kernels.Add(new LaneKernels<LanesScalar, ScalarPanelDot>("scalar"));
        return kernels;
    }
}
