namespace Orleans.Runtime;

/// <summary>What every reference to a grain knows.</summary>
internal interface IGrainReference : IAddressable
{
    /// <summary>The grain it refers to.</summary>
    GrainId GrainId { get; }

    /// <summary>The same grain by another of its interfaces.</summary>
    object Cast(Type interfaceType);
}
