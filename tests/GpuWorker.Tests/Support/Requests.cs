using Winnow.Contracts.V1;
using Winnow.Inference.Cache;

namespace Winnow.GpuWorker.Tests.Support;

/// <summary>Messages as a silo or a coordinator sends them.</summary>
internal static class Requests
{
    public const string Replica = "tiny/0";

    public static LoadRequest Load(string path, int layers, int index = 0, int count = 1, string next = "", long epoch = 1, int blocks = 16) => new()
    {
        Replica = Replica,
        Epoch = epoch,
        ModelPath = path,
        ShardIndex = index,
        ShardCount = count,
        FirstLayer = layers * index / count,
        LastLayer = layers * (index + 1) / count,
        Kv = new KvOptions { BlockTokens = 16, BlockCount = blocks, ScratchTokens = 32 },
        NextAddress = next,
        ContextTokens = 128,
    };

    public static LoadRequest LoadDraft(string path, long epoch = 1) => new()
    {
        Replica = Replica + "/draft",
        Epoch = epoch,
        ModelPath = path,
        Draft = true,
        Kv = new KvOptions { BlockTokens = 16, BlockCount = 16 },
        ContextTokens = 128,
    };

    public static SamplingParameters Sampling(ulong seed, float temperature = 0.8f) => new()
    {
        Temperature = temperature,
        TopP = 1,
        RepetitionPenalty = 1,
        Seed = seed,
    };

    /// <summary>Opens a slot and runs its whole prompt.</summary>
    public static StepMessage Prompt(long step, int slot, int[] prompt, SamplingParameters sampling, long epoch = 1)
    {
        StepMessage message = new() { Replica = Replica, Epoch = epoch, Step = step };
        message.Opens.Add(new SequenceOpen { Slot = slot, Tokens = { prompt }, PromptTokens = prompt.Length, Sampling = sampling });
        message.Sequences.Add(new SequenceRows
        {
            Slot = slot,
            PrefixHash = PrefixHash.Empty,
            Tokens = { prompt },
            KnownCount = prompt.Length,
            Sample = true,
            NewBlocks = { Enumerable.Range(slot * 8, 8) },
        });
        return message;
    }

    /// <summary>Runs the last committed token of a slot, with drafts after it.</summary>
    public static StepMessage Continue(long step, int slot, IReadOnlyList<int> known, int[] drafts, long epoch = 1)
    {
        StepMessage message = new() { Replica = Replica, Epoch = epoch, Step = step };
        message.Sequences.Add(new SequenceRows
        {
            Slot = slot,
            BaseLength = known.Count - 1,
            PrefixHash = PrefixHash.Of(known.Take(known.Count - 1).ToArray()),
            Tokens = { known[^1] },
            KnownCount = 1,
            Sample = true,
        });
        message.Sequences[0].Tokens.AddRange(drafts);
        return message;
    }
}
