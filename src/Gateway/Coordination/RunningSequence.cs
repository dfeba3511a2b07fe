using System.Threading.Channels;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// One choice from its arrival to its end. Everything but <see cref="IsCancelled"/>, <see cref="IsHeld"/> and <see cref="Output"/> belongs to the
/// coordinator's loop.
/// </summary>
internal sealed class RunningSequence
{
    private readonly int _outputBuffer;
    private readonly Queue<(int Known, bool Sample)> _steps = new();
    private int[] _tokens;
    private volatile bool _cancelled;
    private volatile bool _held;

    /// <summary>Takes a request in.</summary>
    /// <param name="id">Arrival number, never reused: smaller is older. The draft model knows the sequence by it.</param>
    /// <param name="request">What to generate.</param>
    /// <param name="outputBuffer">Results the client may leave unread.</param>
    public RunningSequence(long id, GenerationRequest request, int outputBuffer)
    {
        Id = id;
        Request = request;
        _outputBuffer = outputBuffer;
        IsOutsideCache = !request.UsePrefixCache;
        if (request.Grammar?.Source != request.Sampling.Grammar)
        {
            throw new ArgumentException("The request's compiled grammar is not that of its sampling parameters; compile it from those.", nameof(request));
        }
        Grammar = request.Grammar?.Start;
        PromptCount = request.PromptTokens.Count;
        _tokens = new int[PromptCount + Math.Max(request.Generated.Count, Math.Min(request.MaxTokens, 256))];
        for (int i = 0; i < PromptCount; i++)
        {
            _tokens[i] = request.PromptTokens[i];
        }
        Count = PromptCount;
        TakeUp(request.Generated);
        Output = Channel.CreateBounded<GeneratedTokens>(new BoundedChannelOptions(outputBuffer) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>Arrival number; smaller is older.</summary>
    public long Id { get; }

    /// <summary>What to generate.</summary>
    public GenerationRequest Request { get; }

    /// <summary>Results on their way to the client.</summary>
    public Channel<GeneratedTokens> Output { get; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptCount { get; }

    /// <summary>Prompt and committed tokens (n in the specification).</summary>
    public int Count { get; private set; }

    /// <summary>Prompt and committed tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>Committed tokens.</summary>
    public int Generated => Count - PromptCount;

    /// <summary>Where the committed tokens stand in the request's grammar; <see langword="null"/> without one.</summary>
    public GrammarState? Grammar { get; private set; }

    /// <summary>Where it stands.</summary>
    public SequencePhase Phase { get; set; } = SequencePhase.Waiting;

    /// <summary>The client has gone. Set by any thread.</summary>
    public bool IsCancelled => _cancelled;

    /// <summary>Not scheduled because its client does not read. Read by the client's thread.</summary>
    public bool IsHeld => _held;

    // ---- Its place on the shards ----

    /// <summary>Slot on the shards while running.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>The shards have been told of it under <see cref="Slot"/>.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Block table.</summary>
    public List<int> Blocks { get; } = [];

    /// <summary>Blocks in the shards' table, after the last step sent.</summary>
    public int SentBlocks { get; set; }

    /// <summary>Fewest blocks the table had since the last step sent.</summary>
    public int KeptBlocks { get; set; }

    /// <summary>Tokens whose keys and values are stored and committed; between rounds of decoding <see cref="Count"/> - 1 (I1).</summary>
    public int KvLength { get; private set; }

    /// <summary>Hash over those tokens.</summary>
    public ulong KvHash { get; private set; } = PrefixHash.Empty;

    /// <summary>Committed tokens without keys and values: 1 when decoding, more when (re-)filling.</summary>
    public int KnownCount => Count - KvLength;

    /// <summary>Leading blocks that are in the prefix cache under its own prefix.</summary>
    public int PublishedBlocks { get; set; }

    /// <summary>Entry of the last of those.</summary>
    public PrefixEntry? LastEntry { get; set; }

    /// <summary>Neither uses nor feeds the prefix cache: as asked, or because another holds its hash, or a shard refused its prefix.</summary>
    public bool IsOutsideCache { get; set; }

    /// <summary>Prompt tokens found in the prefix cache when it first started, or -1 before.</summary>
    public int CachedPromptTokens { get; set; } = -1;

    // ---- The steps it is in: several chunks of a prompt, or one step that samples ----

    /// <summary>A step with its rows is in flight.</summary>
    public bool InFlight => _steps.Count > 0;

    /// <summary>Steps with its rows in flight.</summary>
    public int StepsInFlight => _steps.Count;

    /// <summary>Committed tokens in the step sent last, or in the one that ended last.</summary>
    public int SentKnown { get; private set; }

    /// <summary>Tokens whose keys and values are stored when all in flight has run; further rows begin here.</summary>
    public int SentLength { get; private set; }

    /// <summary>Hash over those tokens.</summary>
    public ulong SentHash { get; private set; } = PrefixHash.Empty;

    /// <summary>Committed tokens that no step in flight holds either.</summary>
    public int UnsentCount => Count - SentLength;

    /// <summary>A step of it failed while others were in flight: it is tried again when they have ended.</summary>
    public StepError? Fault { get; set; }

    /// <summary>Drafts in that step, and then in the last one it was in; those off the main chain hold scratch rows of the shards until its next step.</summary>
    public DraftTree Sent { get; private set; } = new(SpeculationOptions.MaxTreeNodes);

    /// <summary>Draft tokens in that step.</summary>
    public int SentDrafts => Sent.Count;

    /// <summary>
    /// Rows of its last step to keep, in depth order: accepted drafts some of which left the main chain, whose keys and values its next step moves into
    /// the pages. Empty when all lie there.
    /// </summary>
    public int[] KeepPath { get; set; } = [];

    /// <summary>Tokens whose keys and values lie in the pages: <see cref="KvLength"/> without those that its next step moves there.</summary>
    public int SettledLength => KvLength - KeepPath.Length;

    /// <summary>The step sent last, or that which ended last, samples.</summary>
    public bool SentSample { get; private set; }

    /// <summary>Number of the last step it was in, for fairness.</summary>
    public long LastStep { get; set; }

    /// <summary>Steps that failed since the last one that did not.</summary>
    public int Retries { get; set; }

    // ---- Drafting ----

    /// <summary>Its next step waits for a call of the draft model.</summary>
    public bool IsDrafting => DraftCall is not null;

    /// <summary>The call it waits for.</summary>
    public OpenDraftCall? DraftCall { get; set; }

    /// <summary>It has been decided what is drafted for its next step.</summary>
    public bool HasDrafts { get; set; }

    /// <summary>The draft model prepares for what comes of its next step without being told more.</summary>
    public bool IsPrepared { get; set; }

    /// <summary>What the draft model has prepared; <see langword="null"/> before it was first told to.</summary>
    public BranchCache? Prepared { get; set; }

    /// <summary>Draft tokens to get from <see cref="Drafter"/>.</summary>
    public int WantedDrafts { get; set; }

    /// <summary>Most children of a node of those drafts; 1 for a chain.</summary>
    public int WantedWidth { get; set; } = 1;

    /// <summary>Most of them on the way from the root to a leaf.</summary>
    public int WantedDepth { get; set; }

    /// <summary>Most nodes of a tree in its next step; below 2 it gets a chain.</summary>
    public int TreeRoom { get; set; }

    /// <summary>Checked proposals for its next step.</summary>
    public DraftTree Drafts { get; private set; } = new(SpeculationOptions.MaxTreeNodes);

    /// <summary>What they were drawn from, checked; empty when they are certain or the sequence's rule does not ask.</summary>
    public DraftLaw?[] DraftLaws { get; set; } = [];

    /// <summary>Tokens the draft model is believed to hold.</summary>
    public int DrafterLength { get; private set; }

    /// <summary>Hash over those.</summary>
    public ulong DrafterHash { get; private set; } = PrefixHash.Empty;

    /// <summary>The draft model has been asked about it and must be told of its end.</summary>
    public bool IsKnownToDrafter { get; set; }

    /// <summary>What each of the coordinator's drafters has to do with it, by <see cref="DraftSource.Index"/>; empty before the first step that may draft.</summary>
    public SequenceDrafts[] DraftsOf { get; set; } = [];

    /// <summary>Who drafts for its next step; <see langword="null"/> for nobody.</summary>
    public DraftSource? Drafter { get; set; }

    /// <summary>Who drafted for the step it is in.</summary>
    public DraftSource? SentDrafter { get; set; }

    /// <summary>Draft tokens to ask the last shard's head for, with the next step's result.</summary>
    public int HeadTokens { get; set; }

    /// <summary>Most children of a node of them; 1 for a chain.</summary>
    public int HeadWidth { get; set; }

    /// <summary>Most of them on the way from the root to a leaf.</summary>
    public int HeadDepth { get; set; }

    /// <summary>Draft tokens that the first shard's early exit may add to its next step.</summary>
    public int ExitTokens { get; set; }

    /// <summary>Draft tokens that it may have added to the step it is in: the result tells which.</summary>
    public int SentExitTokens { get; set; }
    /// <summary>A drafter learns from the likeliest tokens after each row of the next step.</summary>
    public bool WantsCandidates { get; set; }

    /// <summary>Candidates that its early exit is to tell the draft model for its next step.</summary>
    public int MirrorTokens { get; set; }

    /// <summary>Steps since the head was last asked; many before the first.</summary>
    public int StepsWithoutHead { get; set; } = int.MaxValue / 2;

    /// <summary>Sampled steps since it last had a draft.</summary>
    public int StepsWithoutDraft { get; set; }

    // ---- Checkpoints ----

    /// <summary>Where its tokens are kept; <see langword="null"/> before the first checkpoint.</summary>
    public ISessionLog? Session { get; set; }

    /// <summary>Tokens in the last checkpoint, the prompt's among them.</summary>
    public int CheckpointCount { get; set; }

    /// <summary>Time stamp of the last checkpoint.</summary>
    public long CheckpointTime { get; set; }

    /// <summary>
    /// Whether the client has room for one more result; otherwise it is marked as held, and its reading will wake the loop.
    /// </summary>
    public bool CanReport()
    {
        _held = true;
        if (Output.Reader.Count >= _outputBuffer)
        {
            return false;
        }
        _held = false;
        return true;
    }

    /// <summary>Who goes first where not all can: by the request's priority, then by age. Never 0 for two sequences.</summary>
    public int CompareUrgency(RunningSequence other)
    {
        int byPriority = Request.Priority.CompareTo(other.Request.Priority);
        return byPriority != 0 ? byPriority : Id.CompareTo(other.Id);
    }

    /// <summary>Called by the client's side when it goes away.</summary>
    public void Cancel() => _cancelled = true;

    /// <summary>Another run of the same choice has taken this one's place.</summary>
    public void GiveWay()
    {
        Output.Writer.TryComplete(new GenerationException(GenerationErrors.TakenOver, $"Choice '{Request.Index}' of '{Request.RequestId}' goes on in another answer; read that one."));
        Cancel();
    }

    // Tokens of an earlier run come from a session or another gateway: they count as far as the grammar agrees.
    private void TakeUp(IReadOnlyList<int> generated)
    {
        foreach (int token in generated)
        {
            bool isFree = Grammar is null;
            Append(token);
            if (Grammar is null && !isFree)
            {
                throw new GenerationException(GenerationErrors.InvalidRequest, $"Token '{token}', after '{Generated - 1}' that were generated before, is refused by the request's grammar.");
            }
        }
    }

    /// <summary>Commits one token.</summary>
    public void Append(int token)
    {
        if (Count == _tokens.Length)
        {
            Array.Resize(ref _tokens, Math.Min(2 * _tokens.Length, PromptCount + Request.MaxTokens));
        }
        _tokens[Count++] = token;
        Grammar = Grammar?.Advance(token);
    }

    /// <summary>
    /// Takes out drafts that the grammar refuses, so that no row is spent on them. Not under rules that judge by what drafts were drawn from: a draft that cannot be
    /// accepted counts there too.
    /// </summary>
    public void PruneDrafts()
    {
        if (Grammar is null || AcceptanceRules.NeedsLaw(Request.Sampling.Rule))
        {
            return;
        }
        try
        {
            Drafts.Prune(Grammar);
        }
        catch (GrammarException)
        {
            // Drafts are only guesses; if what the target draws cannot be followed either, that ends the sequence.
            Drafts.Clear();
        }
    }

    /// <summary>A step with so many of its committed tokens is sent.</summary>
    public void BeginStep(int known)
    {
        (SentKnown, SentSample) = (known, known == UnsentCount);
        _steps.Enqueue((known, SentSample));
        SentHash = PrefixHash.Append(SentHash, _tokens.AsSpan(SentLength, known));
        SentLength += known;
    }

    /// <summary>The first of its steps in flight has ended; <see cref="SentKnown"/> and <see cref="SentSample"/> are that step's now.</summary>
    public void EndStep() => (SentKnown, SentSample) = _steps.Dequeue();

    /// <summary>No step of it is in flight any more.</summary>
    public void ForgetSteps()
    {
        _steps.Clear();
        Fault = null;
    }

    /// <summary>Moves the end of stored keys and values forward, over committed tokens only.</summary>
    public void AdvanceKv(int length)
    {
        KvHash = PrefixHash.Append(KvHash, _tokens.AsSpan(KvLength, length - KvLength));
        KvLength = length;
        if (!InFlight)
        {
            (SentLength, SentHash) = (KvLength, KvHash);
        }
    }

    /// <summary>Nothing is stored any more.</summary>
    public void ResetKv()
    {
        KvLength = 0;
        KvHash = PrefixHash.Empty;
        (SentLength, SentHash) = (KvLength, KvHash);
    }

    /// <summary>The drafts for its next step go into it: <see cref="Sent"/> holds them from now on, and <see cref="Drafts"/> is empty.</summary>
    public void SendDrafts()
    {
        (Sent, Drafts) = (Drafts, Sent);
        Drafts.Clear();
    }

    /// <summary>The first shard's early exit has drafted for the step it was in.</summary>
    /// <param name="drafts">A chain.</param>
    /// <param name="vocabularySize">Token ids are below this.</param>
    /// <returns>Whether it can be true.</returns>
    public bool TakeExitDrafts(ReadOnlySpan<int> drafts, int vocabularySize)
    {
        int most = SentExitTokens;
        SentExitTokens = 0;
        if (drafts.Length > 0)
        {
            Sent.Begin(DraftRoom.ForChain(most, vocabularySize));
            Sent.Take(drafts, [], []);
        }
        return drafts.IsEmpty || Sent.Count == drafts.Length;
    }

    /// <summary>The draft model holds this many committed tokens; 0 when it has forgotten the sequence.</summary>
    public void SetDrafterLength(int length)
    {
        if (length < DrafterLength)
        {
            DrafterLength = 0;
            DrafterHash = PrefixHash.Empty;
        }
        DrafterHash = PrefixHash.Append(DrafterHash, _tokens.AsSpan(DrafterLength, length - DrafterLength));
        DrafterLength = length;
    }
}
