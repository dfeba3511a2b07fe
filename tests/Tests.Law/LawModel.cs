using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Serving;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Tests.Law;

/// <summary>The shipped pair in this process, cut and chunked as a test asks, and the requests of the law run on it.</summary>
public sealed class LawModel : IAsyncDisposable
{
    private readonly Coordinator _coordinator;
    private readonly ServedModel _model;

    private LawModel(Coordinator coordinator, ServedModel model)
    {
        _coordinator = coordinator;
        _model = model;
    }

    /// <summary>Path of the shipped target.</summary>
    public static string TargetPath { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf");

    /// <summary>Path of the shipped draft.</summary>
    public static string DraftPath { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-draft-q8_0.gguf");

    /// <summary>Path of the shipped head.</summary>
    public static string HeadPath { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-head-q8_0.gguf");

    /// <summary>Path of the shipped early exit.</summary>
    public static string ExitPath { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-exit-q8_0.gguf");

    /// <summary>Path of the stop head of the shipped draft.</summary>
    public static string StopHeadPath { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-stop.gguf");

    /// <summary>Path of a draft with a vocabulary of its own, 512 tokens (winnow-draft-512.md).</summary>
    public static string ForeignDraftPath { get; } = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Tests.Law", "winnow-draft-512-q8_0.gguf");

    /// <summary>Loads the pair.</summary>
    public static Task<LawModel> OpenAsync(int shards, int chunkTokens)
        => OpenAsync(LocalReplica.Load(new LocalReplicaOptions { ModelPath = TargetPath, DraftPath = DraftPath, Shards = shards, Threads = 1, MaxSequences = 32 }), chunkTokens);

    /// <summary>Runs on a replica of the test's own making.</summary>
    /// <param name="source">The replica.</param>
    /// <param name="chunkTokens">Longest prompt chunk.</param>
    /// <param name="drafters">Makes the drafters from tokens; <see langword="null"/> for those that come with Winnow.</param>
    /// <param name="ahead">Whether the draft model drafts ahead.</param>
    /// <param name="mirror">Candidates that the early exit tells it.</param>
    /// <param name="stopThreshold">The chance of a refusal above which it stops a chain.</param>
    /// <param name="draftDeadlineSeconds">How long steps wait for drafts; long, since a busy machine must not turn a test of drafts into one without any.</param>
    /// <param name="calibrationSeconds">How long costs are timed first.</param>
    public static async Task<LawModel> OpenAsync(
        IReplicaSource source, int chunkTokens, Func<int, IReadOnlyList<ITokenDrafter>>? drafters = null, DraftAheadMode ahead = DraftAheadMode.Auto, int mirror = 0,
        double stopThreshold = 0, double draftDeadlineSeconds = 30, double calibrationSeconds = 0)
    {
        var options = new CoordinatorOptions
        {
            PrefillChunkTokens = chunkTokens,
            DraftAhead = ahead,
            MirrorCandidates = mirror,
            StopThreshold = stopThreshold,
            CalibrationTime = TimeSpan.FromSeconds(calibrationSeconds),
            DraftDeadline = TimeSpan.FromSeconds(draftDeadlineSeconds),
        };
        var coordinator = new Coordinator("law", source, options, TimeProvider.System, NullLogger.Instance) { Drafters = drafters ?? TokenDrafters.CreateAll };
        coordinator.Start();
        PipelineShape shape = await coordinator.WaitUntilReadyAsync(CancellationToken.None);
        using ModelFile file = ModelFile.Open(TargetPath);
        return new LawModel(coordinator, new ServedModel
        {
            Name = "law",
            Tokenizer = TokenizerFactory.FromFile(file),
            Template = ChatPrompt.ReadTemplate(file),
            ContextTokens = shape.ContextTokens,
            Generator = coordinator,
            Fingerprint = () => "",
            Created = DateTimeOffset.UnixEpoch,
        });
    }

    /// <summary>Runs requests with a draft model, all at once or one after the other.</summary>
    public Task<IReadOnlyList<LawOutcome>> RunAsync(IReadOnlyList<LawRequest> requests, int draftTokens, bool prefixCache, bool together)
        => RunAsync(requests, _ => new SpeculationOptions { Drafter = DrafterNames.DraftModel, FixedDraftTokens = draftTokens }, prefixCache, together);

    /// <summary>Runs requests, each with a way to speculate, all at once or one after the other.</summary>
    public async Task<IReadOnlyList<LawOutcome>> RunAsync(
        IReadOnlyList<LawRequest> requests, Func<int, SpeculationOptions> speculation, bool prefixCache, bool together)
    {
        var outcomes = new LawOutcome[requests.Count];
        var running = new List<Task>();
        for (int i = 0; i < outcomes.Length; i++)
        {
            int index = i;
            Task task = Task.Run(async () => outcomes[index] = await RunAsync(requests[index], speculation(index), prefixCache));
            running.Add(task);
            if (!together)
            {
                await task;
            }
        }
        await Task.WhenAll(running);
        return outcomes;
    }

    /// <summary>Counts of the coordinator.</summary>
    public CoordinatorStatus? Status => _coordinator.Status;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    /// <summary>The text of tokens.</summary>
    public string Decode(IReadOnlyList<int> tokens) => _model.Tokenizer.Decode([.. tokens], skipSpecial: true);

    /// <summary>The request's prompt as token ids, with the model's chat template around it.</summary>
    public int[] Prompt(LawRequest request)
    {
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = request.Prompt });
        return ChatPrompt.Encode(_model.Tokenizer, _model.Template!, messages, DateTimeOffset.UnixEpoch);
    }

    private async Task<LawOutcome> RunAsync(LawRequest request, SpeculationOptions speculation, bool prefixCache)
    {
        int[] prompt = Prompt(request);
        IReadOnlyList<int> ends = _model.Tokenizer.EndTokens;
        GenerationRequest[] choices = [.. Enumerable.Range(0, request.Choices).Select(choice => new GenerationRequest
        {
            RequestId = request.Name,
            PromptTokens = prompt,
            Sampling = request.Sampling with { Choice = choice, BannedTokens = request.IsEndless ? [.. ends] : [] },
            Grammar = request.Sampling.Grammar is { } grammar ? _model.Grammars.Compile(grammar) : null,
            MaxTokens = request.MaxTokens,
            StopTokens = request.IsEndless ? [] : ends,
            Speculation = speculation,
            UsePrefixCache = prefixCache,
        })];
        var outcome = new LawOutcome(request);
        await foreach (ChoiceUpdate update in ChoiceRunner.RunAsync(_model, choices, request.Stops, [], CancellationToken.None))
        {
            outcome.Add(update);
        }
        return outcome;
    }
}
