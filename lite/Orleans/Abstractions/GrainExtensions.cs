using System.Globalization;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Ids and keys of grains and of references to them.</summary>
public static class GrainExtensions
{
    /// <summary>The grain's id.</summary>
    /// <exception cref="ArgumentException"><paramref name="grain"/> is neither a grain of the runtime nor a reference.</exception>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        IGrainReference reference => reference.GrainId,
        IGrainBase { GrainContext: not null } instance => instance.GrainContext.GrainId,
        _ => throw new ArgumentException(
            $"'{grain?.GetType().FullName}' is neither a grain made by the runtime nor a grain reference.", nameof(grain)),
    };

    /// <summary>The string key of a grain.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    /// <summary>The integer key of a grain.</summary>
    /// <exception cref="ArgumentException">The key is not an integer.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain)
    {
        GrainId id = grain.GetGrainId();
        return long.TryParse(id.Key.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long key)
            ? key
            : throw new ArgumentException($"Value \"{id}\" is not in the correct format for an Integer key.", nameof(grain));
    }

    /// <summary>A reference to a grain by one of its interfaces; what a grain hands out instead of itself.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        IGrainReference reference => (TGrainInterface)reference.Cast(typeof(TGrainInterface)),
        Grain instance => (TGrainInterface)((IInternalGrainFactory)instance.Activation.GrainFactory)
            .GetReference(typeof(TGrainInterface), instance.GrainContext.GrainId),
        _ => throw new ArgumentException(
            $"'{grain?.GetType().FullName}' is neither a grain made by the runtime nor a grain reference.", nameof(grain)),
    };
}
