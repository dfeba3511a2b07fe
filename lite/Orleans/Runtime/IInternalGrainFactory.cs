namespace Orleans.Runtime;

/// <summary>Makes references from ids.</summary>
internal interface IInternalGrainFactory : IGrainFactory
{
    /// <summary>A reference by that interface to that grain.</summary>
    object GetReference(Type interfaceType, GrainId grainId);
}
