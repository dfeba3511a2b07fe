using Winnow.Inference.Drafting.CrossVocabulary;
using Winnow.Inference.Drafting.Stopping;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Drafting;

/// <summary>Makes the engine that a draft model needs.</summary>
public static class DraftEngines
{
    /// <summary>An engine for a draft model.</summary>
    /// <param name="shard">All layers of it; disposed with the engine.</param>
    /// <param name="bridge">What it translates by; <see langword="null"/> when it has the target's tokens.</param>
    /// <param name="options">Limits.</param>
    /// <param name="stopHead">Says when a chain has gone far enough; <see langword="null"/> where there is none, and where it translates (<see cref="LoadStopHead"/>).</param>
    /// <exception cref="ArgumentException">The shard is not a whole model.</exception>
    public static IDraftEngine Create(IShard shard, VocabularyBridge? bridge, DraftEngineOptions? options = null, StopHead? stopHead = null) =>
        bridge is null ? new DraftEngine(shard, options, stopHead: stopHead) : new TranslatingDraftEngine(shard, bridge, options);

    /// <summary>Reads a stop head for a draft model.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="draft">The draft model.</param>
    /// <param name="bridge">What the draft model translates by; <see langword="null"/> when it has the target's tokens.</param>
    /// <exception cref="ModelFileException">The file is not a stop head, is damaged, or was made for another draft model; or the draft model translates, whose chains end by their text.</exception>
    public static StopHead LoadStopHead(ModelFile file, ModelFile draft, VocabularyBridge? bridge)
    {
        ArgumentNullException.ThrowIfNull(file);
        return bridge is null ? StopHead.Load(file, draft)
            : throw new ModelFileException(file.Path, "the draft model's vocabulary", "another than the target's", "the target's: a translated draft has no use for a stop head, give none");
    }
}
