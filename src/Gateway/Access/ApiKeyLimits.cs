namespace Winnow.Gateway.Access;

/// <summary>What a key may take of the cluster; what is <see langword="null"/> here is as section <c>Limits</c> says.</summary>
public sealed record ApiKeyLimits
{
    /// <summary>Choices generated at once; 0 is unlimited.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>Generating requests a minute; 0 is unlimited.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Prompt and generated tokens a minute; 0 is unlimited.</summary>
    public int? TokensPerMinute { get; init; }

    /// <summary>Most urgent <c>priority</c> that its requests may ask for; lower is more urgent.</summary>
    public int? MinPriority { get; init; }
}
