namespace Winnow.Hosting.Calls;

/// <summary>What <see cref="CallPolicies"/> are around; the label <c>call</c> of their metrics.</summary>
public static class CallNames
{
    /// <summary>A gateway acquires a replica: its lease, and streams to its workers.</summary>
    public const string Replica = "replica";

    /// <summary>A gateway's stream to a draft worker.</summary>
    public const string DraftStream = "draft_stream";

    /// <summary>A gateway asks a silo for what a client or an operator waits for.</summary>
    public const string Silo = "silo";

    /// <summary>A worker registers with a silo.</summary>
    public const string Registration = "registration";

    /// <summary>A worker connects to the next shard's.</summary>
    public const string NextShard = "next_shard";
}
