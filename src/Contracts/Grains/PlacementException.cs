using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>A shard could not be loaded on its worker.</summary>
[GenerateSerializer, Alias("Winnow.PlacementException")]
public sealed class PlacementException : Exception
{
    /// <summary>Without a text of its own.</summary>
    public PlacementException()
        : this("A shard could not be placed.", isPermanent: false)
    {
    }

    /// <summary>Says what went wrong.</summary>
    /// <param name="message">One line for people.</param>
    /// <param name="isPermanent">Whether trying again on the same workers is of no use.</param>
    public PlacementException(string message, bool isPermanent)
        : base(message) => IsPermanent = isPermanent;

    /// <summary>Whether trying again on the same workers is of no use.</summary>
    [Id(0)]
    public bool IsPermanent { get; private set; }
}
