using Winnow.Inference.Drafting.CrossVocabulary;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Drafting;

/// <summary>Makes the engine that a draft model needs.</summary>
public static class DraftEngines
{
    /// <summary>An engine for a draft model.</summary>
    /// <param name="shard">All layers of it; disposed with the engine.</param>
    /// <param name="bridge">What it translates by; <see langword="null"/> when it has the target's tokens.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="ArgumentException">The shard is not a whole model.</exception>
    public static IDraftEngine Create(IShard shard, VocabularyBridge? bridge, DraftEngineOptions? options = null) =>
        bridge is null ? new DraftEngine(shard, options) : new TranslatingDraftEngine(shard, bridge, options);
}
