using System.Globalization;
using System.Text.Json;
using Winnow.Cli.Engine;
using Winnow.Inference.Planning;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow plan</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record PlanReport
{
    /// <summary>Tokens of a KV block, the default of a model's definition.</summary>
    public const int BlockTokens = 16;

    public required string Model { get; init; }

    public required string? Draft { get; init; }

    /// <summary>The device that <c>--device</c> names; null when the memory alone was given.</summary>
    public PlanDevice? Device { get; init; }

    /// <summary>The device's budget.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of everything below.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Bytes of the budget that nothing is planned for.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>Tokens of each sequence.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Sequences at once.</summary>
    public required int Batch { get; init; }

    /// <summary>Draft tokens of a sequence and step on its main chain.</summary>
    public required int DraftTokens { get; init; }

    /// <summary>Candidate tokens of a sequence and step off its main chain.</summary>
    public required int TreeNodes { get; init; }

    /// <summary>Blocks of KV pages.</summary>
    public required int KvBlocks { get; init; }

    /// <summary>Tokens of a block.</summary>
    public required int KvBlockTokens { get; init; }

    /// <summary>Rows of the scratch pool.</summary>
    public required int ScratchRows { get; init; }

    /// <summary>Where the bytes go.</summary>
    public required PlanBytes Bytes { get; init; }

    /// <summary>Why batch, draft tokens and tree nodes are not more.</summary>
    public required IReadOnlyList<PlanReason> Limits { get; init; }

    /// <summary>Reports a plan.</summary>
    public static PlanReport From(EngineOptions engine, int contextTokens, long memoryBytes, MemoryNeeds needs, MemoryPlan plan)
    {
        DraftMemoryNeeds? draft = plan.HasDraft ? needs.Draft : null;
        return new PlanReport
        {
            Model = engine.ModelPath,
            Draft = engine.DraftPath,
            MemoryBytes = memoryBytes,
            UsedBytes = plan.UsedBytes,
            FreeBytes = memoryBytes - plan.UsedBytes,
            ContextTokens = contextTokens,
            Batch = plan.Batch,
            DraftTokens = plan.DraftTokens,
            TreeNodes = plan.TreeNodes,
            KvBlocks = plan.Batch * ((contextTokens + BlockTokens - 1) / BlockTokens),
            KvBlockTokens = BlockTokens,
            ScratchRows = plan.ScratchRows,
            Bytes = new PlanBytes
            {
                Weights = needs.WeightBytes,
                Working = needs.WorkingBytes,
                KvPages = plan.Batch * needs.SequenceBytes,
                ScratchRows = plan.ScratchRows * needs.ScratchRowBytes,
                HeadWeights = (needs.Head?.WeightBytes ?? 0) + (needs.Head?.WorkingBytes ?? 0),
                HeadCache = plan.Batch * (needs.Head?.SequenceBytes ?? 0),
                DraftWeights = draft?.WeightBytes ?? 0,
                DraftWorking = draft?.WorkingBytes ?? 0,
                DraftCache = plan.Batch * (draft?.SequenceBytes ?? 0),
            },
            Limits = [.. plan.Limits.Select(limit => new PlanReason(Name(limit.Of), Name(limit.By), limit.Reason))],
        };
    }

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.PlanReport));
            return;
        }
        output.WriteLine(Text($"model          {Model}, draft {Draft ?? "none"}"));
        if (Device is { } device)
        {
            output.WriteLine(Text($"device         {device.Name} {device.Model}, {device.Kernels} kernels; {device.ReplicatedBytes:N0} bytes of weights are on more than one"));
        }
        output.WriteLine(Text($"context        {ContextTokens} tokens a sequence, {KvBlocks} blocks of {KvBlockTokens}"));
        output.WriteLine(Text($"batch          {Batch}: {Limits[0].Reason}"));
        output.WriteLine(Text($"draft tokens   {DraftTokens}: {Limits[1].Reason}"));
        output.WriteLine(Text($"tree nodes     {TreeNodes}: {Limits[2].Reason}"));
        output.WriteLine();
        (string Name, long Bytes)[] rows =
        [
            ("weights", Bytes.Weights), ("working memory", Bytes.Working), ("KV pages", Bytes.KvPages), ("scratch rows", Bytes.ScratchRows),
            ("head weights", Bytes.HeadWeights), ("head cache", Bytes.HeadCache), ("draft weights", Bytes.DraftWeights), ("draft working", Bytes.DraftWorking), ("draft cache", Bytes.DraftCache),
            ("used", UsedBytes), ("left", FreeBytes), ("budget", MemoryBytes),
        ];
        foreach ((string name, long bytes) in rows)
        {
            output.WriteLine(Text($"{name,-14} {bytes,22:N0} bytes"));
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The device of a plan.</summary>
/// <param name="Name">What <c>--device</c> takes.</param>
/// <param name="Model">The maker's name.</param>
/// <param name="Kernels">Which variant of the kernels runs there.</param>
/// <param name="ReplicatedBytes">Weights counted once more for each further device that shares the layers: embeddings, norms, routers.</param>
internal sealed record PlanDevice(string Name, string Model, string Kernels, long ReplicatedBytes);

/// <summary>Where a plan's bytes go.</summary>
internal sealed record PlanBytes
{
    public required long Weights { get; init; }

    /// <summary>Activations and logits of a step.</summary>
    public required long Working { get; init; }

    public required long KvPages { get; init; }

    /// <summary>Candidate tokens off the main chains, shared.</summary>
    public required long ScratchRows { get; init; }

    /// <summary>The target's trained heads, with their working memory where they have one of their own.</summary>
    public required long HeadWeights { get; init; }

    public required long HeadCache { get; init; }

    public required long DraftWeights { get; init; }

    public required long DraftWorking { get; init; }

    public required long DraftCache { get; init; }
}

/// <summary>Why a number is not more.</summary>
/// <param name="Of">The number: <c>batch</c>, <c>draft_tokens</c> or <c>tree_nodes</c>.</param>
/// <param name="By">What limits it: <c>memory</c>, <c>step_rows</c>, <c>maximum</c> or <c>request</c>.</param>
/// <param name="Reason">A sentence with the numbers.</param>
internal sealed record PlanReason(string Of, string By, string Reason);
