using Winnow.GpuWorker.Kernels.Activations;
using Winnow.Inference.Files;

namespace Winnow.GpuWorker.Kernels.Weights;

/// <summary>What is known of each form, and the form that a file's type becomes at load.</summary>
internal static class WeightForms
{
    /// <summary>Inputs of a block.</summary>
    public const int BlockInputs = 32;

    /// <summary>Inputs of a super-block.</summary>
    public const int SuperBlockInputs = 256;

    /// <summary>Inputs of a unit of floats.</summary>
    public const int FloatInputs = 8;

    /// <summary>
    /// The form of a file's type. Types that are no form of their own become the smallest one that holds every weight exactly, else F16.
    /// </summary>
    /// <param name="type">A type that the CPU backend computes with.</param>
    /// <exception cref="ArgumentException">It is another.</exception>
    public static WeightForm Of(GgmlType type) => type switch
    {
        GgmlType.Q4_0 => WeightForm.Q4_0,
        GgmlType.Q8_0 or GgmlType.Q5_0 or GgmlType.IQ4_NL => WeightForm.Q8_0,
        GgmlType.Q4_K => WeightForm.Q4_K,
        GgmlType.Q6_K or GgmlType.Q3_K => WeightForm.Q6_K,
        GgmlType.F16 or GgmlType.Q4_1 or GgmlType.Q5_1 or GgmlType.Q2_K or GgmlType.Q5_K or GgmlType.IQ4_XS => WeightForm.F16,
        GgmlType.BF16 or GgmlType.MXFP4 => WeightForm.BF16,
        GgmlType.F32 => WeightForm.F32,
        _ => throw new ArgumentException($"Weights of type '{type}' have no form on a device.", nameof(type)),
    };

    /// <summary>Whether the form holds every weight of the type exactly; the others are rounded to halves at load.</summary>
    public static bool IsExact(GgmlType type) =>
        type is not (GgmlType.Q4_1 or GgmlType.Q5_1 or GgmlType.Q2_K or GgmlType.Q5_K or GgmlType.IQ4_XS);

    /// <summary>The form's products are exact integers.</summary>
    public static bool IsInteger(this WeightForm form) => form <= WeightForm.Q6_K;

    /// <summary>Inputs of a unit.</summary>
    public static int UnitInputs(this WeightForm form) => form switch
    {
        WeightForm.Q4_0 or WeightForm.Q8_0 => BlockInputs,
        WeightForm.Q4_K or WeightForm.Q6_K => SuperBlockInputs,
        _ => FloatInputs,
    };

    /// <summary>Quads of a unit's codes or numbers.</summary>
    public static int CodeQuads(this WeightForm form) => form switch
    {
        WeightForm.Q4_0 => 1,
        WeightForm.Q8_0 => 2,
        WeightForm.Q4_K => 8,
        WeightForm.Q6_K => 12,
        WeightForm.F32 => 2,
        _ => 1,
    };

    /// <summary>Quads of a unit's integer scales: 1 in super-blocks.</summary>
    public static int ScaleQuads(this WeightForm form) => form is WeightForm.Q4_K or WeightForm.Q6_K ? 1 : 0;

    /// <summary>Halves of a unit: d, and dmin where there are minima.</summary>
    public static int Factors(this WeightForm form) => form switch
    {
        WeightForm.Q4_K => 2,
        WeightForm.Q4_0 or WeightForm.Q8_0 or WeightForm.Q6_K => 1,
        _ => 0,
    };

    /// <summary>The form in which products with it read their input rows.</summary>
    public static ActivationForms Input(this WeightForm form) => form switch
    {
        WeightForm.Q4_0 or WeightForm.Q8_0 => ActivationForms.Blocks,
        WeightForm.Q4_K or WeightForm.Q6_K => ActivationForms.SuperBlocks,
        _ => ActivationForms.Floats,
    };

    /// <summary>The forms in which products with some matrices read their input rows.</summary>
    public static ActivationForms InputOf(ReadOnlySpan<WeightBuffer> matrices)
    {
        ActivationForms forms = ActivationForms.None;
        foreach (WeightBuffer matrix in matrices)
        {
            forms |= matrix.Form.Input();
        }
        return forms;
    }

    /// <summary>The inputs of a share: the first among all of the matrix, and how many.</summary>
    public static (int First, int Count) Inputs(this WeightForm form, InputShare share)
    {
        ChainLayout layout = form.Layout(share);
        int first = layout.FirstUnit * form.UnitInputs();
        return (first, Math.Min(share.AllInputs - first, layout.Units * form.UnitInputs()));
    }

    /// <summary>How inputs are dealt to chains.</summary>
    public static ChainLayout Layout(this WeightForm form, InputShare share) =>
        ChainLayout.Of(share, form.UnitInputs(), form.IsInteger() ? ChainLayout.IntegerChains : ChainLayout.FloatChains);
}
