namespace Winnow.Inference.Files;

/// <summary>Element types of tensors, with the ids that GGUF files use (ggml's <c>ggml_type</c>).</summary>
public enum GgmlType
{
    /// <summary>32-bit float.</summary>
    F32 = 0,

    /// <summary>IEEE half.</summary>
    F16 = 1,

    /// <summary>Blocks of 32: half scale, 4-bit codes minus 8.</summary>
    Q4_0 = 2,

    /// <summary>Blocks of 32: half scale and minimum, 4-bit codes.</summary>
    Q4_1 = 3,

    /// <summary>Blocks of 32: half scale, 5-bit codes minus 16.</summary>
    Q5_0 = 6,

    /// <summary>Blocks of 32: half scale and minimum, 5-bit codes.</summary>
    Q5_1 = 7,

    /// <summary>Blocks of 32: half scale, 8-bit signed codes.</summary>
    Q8_0 = 8,

    /// <summary>Blocks of 32: half scale and sum, 8-bit signed codes; for activations.</summary>
    Q8_1 = 9,

    /// <summary>Super-blocks of 256, 2-bit codes.</summary>
    Q2_K = 10,

    /// <summary>Super-blocks of 256, 3-bit codes.</summary>
    Q3_K = 11,

    /// <summary>Super-blocks of 256, 4-bit codes.</summary>
    Q4_K = 12,

    /// <summary>Super-blocks of 256, 5-bit codes.</summary>
    Q5_K = 13,

    /// <summary>Super-blocks of 256, 6-bit codes.</summary>
    Q6_K = 14,

    /// <summary>Super-blocks of 256, 8-bit codes; for activations.</summary>
    Q8_K = 15,

    /// <summary>Codebook, about 2.06 bits.</summary>
    IQ2_XXS = 16,

    /// <summary>Codebook, about 2.31 bits.</summary>
    IQ2_XS = 17,

    /// <summary>Codebook, about 3.06 bits.</summary>
    IQ3_XXS = 18,

    /// <summary>Codebook, about 1.56 bits.</summary>
    IQ1_S = 19,

    /// <summary>Blocks of 32, non-linear 4-bit codes.</summary>
    IQ4_NL = 20,

    /// <summary>Codebook, about 3.44 bits.</summary>
    IQ3_S = 21,

    /// <summary>Codebook, about 2.5 bits.</summary>
    IQ2_S = 22,

    /// <summary>Super-blocks of 256, non-linear 4-bit codes.</summary>
    IQ4_XS = 23,

    /// <summary>8-bit integer.</summary>
    I8 = 24,

    /// <summary>16-bit integer.</summary>
    I16 = 25,

    /// <summary>32-bit integer.</summary>
    I32 = 26,

    /// <summary>64-bit integer.</summary>
    I64 = 27,

    /// <summary>64-bit float.</summary>
    F64 = 28,

    /// <summary>Codebook, about 1.75 bits.</summary>
    IQ1_M = 29,

    /// <summary>bfloat16.</summary>
    BF16 = 30,

    /// <summary>Ternary, about 1.69 bits.</summary>
    TQ1_0 = 34,

    /// <summary>Ternary, about 2.06 bits.</summary>
    TQ2_0 = 35,

    /// <summary>Blocks of 32: shared 8-bit exponent, 4-bit floats (OCP microscaling).</summary>
    MXFP4 = 39,
}
