using System.Globalization;
using Orleans.Runtime;

namespace Orleans.Invocation;

/// <summary>Makes references, with the classes and the way to call that the silo or the client gives.</summary>
internal sealed class ClusterClient(IServiceProvider services, IGrainCaller caller, Func<GrainManifest> manifest)
    : IClusterClient, IInternalGrainFactory
{
    /// <inheritdoc/>
    public IServiceProvider ServiceProvider => services;

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Get<TGrainInterface>(primaryKey.ToString("X", CultureInfo.InvariantCulture), grainClassNamePrefix);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Get<TGrainInterface>(primaryKey, grainClassNamePrefix);
    }

    /// <inheritdoc/>
    public object GetReference(Type interfaceType, GrainId grainId) => GrainProxy.Create(this, caller, interfaceType, grainId);

    private TGrainInterface Get<TGrainInterface>(string key, string? classNamePrefix)
    {
        GrainType type = manifest().Resolve(typeof(TGrainInterface), classNamePrefix);
        return (TGrainInterface)GetReference(typeof(TGrainInterface), GrainId.Create(type, key));
    }
}
