namespace Orleans;

/// <summary>How long a caller of this grain interface method waits for the answer.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute : Attribute
{
    /// <summary>Sets the time.</summary>
    /// <param name="timeout">A <see cref="TimeSpan"/> in its invariant text form.</param>
    public ResponseTimeoutAttribute(string timeout) => Timeout = TimeSpan.Parse(timeout, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The time to wait.</summary>
    public TimeSpan? Timeout { get; init; }
}
