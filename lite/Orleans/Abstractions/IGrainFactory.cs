namespace Orleans;

/// <summary>Makes references to grains. A reference is made without a call; the grain is activated by the first call to it.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain with an integer key.</summary>
    /// <param name="primaryKey">The key.</param>
    /// <param name="grainClassNamePrefix">Start of the class's full name, needed only when several classes implement the interface.</param>
    /// <exception cref="ArgumentException">No class, or more than one, implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey;

    /// <summary>A reference to the grain with a string key.</summary>
    /// <param name="primaryKey">The key, not null, empty or white space.</param>
    /// <param name="grainClassNamePrefix">Start of the class's full name, needed only when several classes implement the interface.</param>
    /// <exception cref="ArgumentException">The key is empty, or no class, or more than one, implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;
}
