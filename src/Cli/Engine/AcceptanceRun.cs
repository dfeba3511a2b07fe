using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Engine;

/// <summary>
/// A target and a draft model in this process, one sequence and one step at a time: what is drafted and kept depends on nothing but the seed, so that rules can be
/// compared by counts.
/// </summary>
internal sealed class AcceptanceRun : IDisposable
{
    private const int BlockTokens = 16;
    private const int ScratchTokens = 64;

    private readonly List<ModelFile> _files = [];
    private readonly ShardEngine _target;
    private readonly DraftEngine _draft;
    private readonly int[] _blocks;
    private long _sequence;

    /// <summary>Loads both models.</summary>
    /// <param name="options">Models, threads and KV type; both of one vocabulary.</param>
    /// <param name="tokens">Longest sequence.</param>
    /// <exception cref="ModelFileException">A file cannot be used.</exception>
    /// <exception cref="CliException">The vocabularies differ.</exception>
    public AcceptanceRun(EngineOptions options, int tokens)
    {
        _blocks = [.. Enumerable.Range(0, (tokens + BlockTokens - 1) / BlockTokens)];
        try
        {
            _target = new ShardEngine(Load(options.ModelPath, options, _blocks.Length));
            // Twice the blocks: the last tree's are lent while the next one is asked for.
            _draft = new DraftEngine(Load(options.DraftPath!, options, (2 * _blocks.Length) + ScratchTokens));
            if (_draft.Spec.VocabularySize != _target.Spec.VocabularySize)
            {
                throw new CliException($"--draft '{options.DraftPath}' has '{_draft.Spec.VocabularySize}' tokens and the target {_target.Spec.VocabularySize}; give a draft of the same vocabulary.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Generates a text with drafts.</summary>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="sampling">How to sample, the rule included.</param>
    /// <param name="width">Drafts side by side: chains of the rules that verify several.</param>
    /// <param name="length">Tokens of a draft.</param>
    /// <param name="count">Tokens to generate.</param>
    /// <param name="ends">Tokens that end it.</param>
    public AcceptanceTrace Run(int[] prompt, SamplingParameters sampling, int width, int length, int count, IReadOnlyList<int> ends)
    {
        _sequence++;
        var trace = new AcceptanceTrace();
        List<int> tokens = [.. prompt];
        int stored = 0;
        int[] keep = [];
        while (tokens.Count < prompt.Length + count && !tokens[prompt.Length..].Exists(ends.Contains))
        {
            DraftProposal drafts = stored == 0 ? new DraftProposal { Sequence = _sequence } : Draft(tokens, prompt.Length, sampling, width, length);
            StepBatch batch = new() { Epoch = _sequence, Step = tokens.Count };
            if (stored == 0)
            {
                batch.Opens.Add(new SequenceOpen { Slot = 0, Tokens = prompt, PromptTokens = prompt.Length, CachedTokens = 0, Blocks = _blocks, Sampling = sampling });
            }
            int known = tokens.Count - stored;
            batch.Sequences.Add(new SequenceRows
            {
                Slot = 0,
                BaseLength = stored,
                PrefixHash = PrefixHash.Of([.. tokens[..stored]]),
                Tokens = [.. tokens[stored..], .. drafts.Tokens],
                KnownCount = known,
                Parents = [.. drafts.Parents.Select(parent => parent + known)],
                DraftLaws = drafts.Laws,
                Sample = true,
                KeepPath = keep,
            });
            SequenceResult result = Step(batch);
            trace.Add(tokens.Count - prompt.Length, drafts.Tokens.Length, result.Accepted);
            stored = tokens.Count + result.Accepted;
            tokens.AddRange(result.Tokens);
            keep = result.Path;
        }
        trace.Tokens = [.. tokens[prompt.Length..]];
        return trace;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _target?.Dispose();
        _draft?.Dispose();
        _files.ForEach(file => file.Dispose());
    }

    private DraftProposal Draft(List<int> tokens, int promptTokens, SamplingParameters sampling, int width, int length) => _draft.Propose(
        [new DraftQuery
        {
            Sequence = _sequence,
            KnownLength = 0,
            PrefixHash = PrefixHash.Empty,
            NewTokens = [.. tokens],
            DraftTokens = width * length,
            TreeWidth = width,
            TreeDepth = length,
            PromptTokens = promptTokens,
            Sampling = sampling,
        }],
        [_sequence - 1], CancellationToken.None)[0];

    private SequenceResult Step(StepBatch batch)
    {
        StepOutcome outcome = _target.Execute(batch, [], CancellationToken.None);
        StepError? error = outcome.Error ?? outcome.Result!.Sequences[0].Error;
        return error is null ? outcome.Result!.Sequences[0] : throw new CliException($"A step failed ({error.Type}: {error.Message})");
    }

    private IShard Load(string path, EngineOptions options, int blocks)
    {
        ModelFile file = CliModels.Open(path);
        _files.Add(file);
        return new CpuBackend().LoadShard(file, new ShardOptions
        {
            KvBlockCount = blocks,
            KvBlockTokens = BlockTokens,
            ScratchTokens = ScratchTokens,
            KvType = options.KvType,
            Threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
        });
    }
}
