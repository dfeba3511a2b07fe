namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>What becomes of a product's sums, after a bias was added where there is one.</summary>
internal enum ProductResult
{
    /// <summary>They are stored.</summary>
    Store,

    /// <summary>They are added to what is there.</summary>
    Add,

    /// <summary>Outputs 2j and 2j + 1 are gate and up: silu(gate) * up is stored as output j.</summary>
    Silu,

    /// <summary>The same with GELU.</summary>
    Gelu,
}
