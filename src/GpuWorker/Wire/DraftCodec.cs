using Winnow.Inference.Drafting;
using V1 = Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Wire;

/// <summary>Between the wire's draft messages and the drafter's queries and proposals.</summary>
public static class DraftCodec
{
    // No step takes longer; and TimeSpan would not hold every value.
    private const long MostAheadMicros = 60_000_000;

    /// <summary>The queries of a request.</summary>
    public static IReadOnlyList<DraftQuery> Decode(V1.DraftRequest request)
    {
        List<DraftQuery> queries = new(request.Sequences.Count);
        foreach (V1.DraftSequence sequence in request.Sequences)
        {
            queries.Add(new DraftQuery
            {
                Sequence = sequence.Sequence,
                KnownLength = sequence.KnownLength,
                PrefixHash = sequence.PrefixHash,
                NewTokens = StepCodec.ToArray(sequence.NewTokens),
                DraftTokens = sequence.DraftTokens,
                PromptTokens = sequence.PromptTokens,
                TreeWidth = sequence.TreeWidth,
                TreeDepth = sequence.TreeDepth,
                LeastChance = sequence.LeastChance,
                Sampling = sequence.Sampling is null ? null : SamplingCodec.Decode(sequence.Sampling),
                Verifying = StepCodec.ToArray(sequence.Verifying),
                AheadTokens = sequence.AheadTokens,
                AheadTime = TimeSpan.FromMicroseconds(Math.Clamp(sequence.AheadMicros, 0, MostAheadMicros)),
            });
        }
        return queries;
    }

    /// <summary>The likely corrections of a request; what cannot be meant is of no effect.</summary>
    public static IEnumerable<DraftMirror> DecodeMirrors(V1.DraftRequest request) => request.Mirrors.Select(mirror => new DraftMirror(
        mirror.Sequence, mirror.Length, mirror.PrefixHash, mirror.Candidates, StepCodec.ToArray(mirror.Tokens), [.. mirror.Scores]));

    /// <summary>The reply to a request.</summary>
    public static V1.DraftReply Encode(V1.DraftRequest request, IReadOnlyList<DraftProposal> proposals, long computeMicros)
    {
        V1.DraftReply reply = new() { Replica = request.Replica, Round = request.Round, ComputeMicros = computeMicros };
        foreach (DraftProposal proposal in proposals)
        {
            reply.Proposals.Add(new V1.DraftProposal
            {
                Sequence = proposal.Sequence,
                NeedPrefix = proposal.NeedPrefix,
                Tokens = { proposal.Tokens },
                Parents = { proposal.Parents },
                Confidences = { proposal.Confidences },
                DraftLaws = { LawCodec.Encode(proposal.Laws) },
            });
        }
        return reply;
    }

    /// <summary>Branches to push, which answer no round.</summary>
    public static V1.DraftReply Encode(string replica, IReadOnlyList<DraftBranch> branches, long computeMicros)
    {
        V1.DraftReply reply = new() { Replica = replica, ComputeMicros = computeMicros };
        foreach (DraftBranch branch in branches)
        {
            reply.Branches.Add(new V1.DraftBranch
            {
                Sequence = branch.Sequence,
                Length = branch.Length,
                PrefixHash = branch.PrefixHash,
                Mirrored = branch.IsMirrored,
                Tokens = { branch.Tokens },
            });
        }
        return reply;
    }
}
