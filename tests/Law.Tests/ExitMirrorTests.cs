using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Xunit.Abstractions;

namespace Winnow.Law.Tests;

/// <summary>
/// What the early exit adds to what the draft model expects (docs/speculation.md): at every place of texts that the shipped target drew, the tokens that each ranks best by the
/// shared noise. Places, not times: whether the word comes in time is the network's.
/// </summary>
public sealed class ExitMirrorTests(ReferenceFixture reference, ITestOutputHelper output) : IClassFixture<ReferenceFixture>
{
    private const int Chunk = 16;
    private const int Candidates = 4;
    private const int Forks = 3;

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public void Mirror_PlacesWhereTheDraftIsRefused_HoldsTokensThatTheDraftModelDoesNot(float temperature)
    {
        int places = 0;
        int[] refused = new int[4];
        for (int i = 0; i < 2 * reference.Prompts.Count; i++)
        {
            SamplingParameters sampling = new() { Temperature = temperature, Seed = (ulong)i };
            foreach ((int drawn, RankedToken[] draft, int[] exit) in Places(reference.Prompts[i % reference.Prompts.Count], sampling))
            {
                places++;
                if (draft[0].Token != drawn)
                {
                    int[] others = [.. draft.Skip(1).Take(Forks).Select(ranked => ranked.Token)];
                    int added = exit.FirstOrDefault(token => token != draft[0].Token && !others.Contains(token), -1);
                    int replacing = exit.FirstOrDefault(token => token != draft[0].Token && !others[..^1].Contains(token), -1);
                    refused[0]++;
                    refused[1] += others.Contains(drawn) ? 1 : 0;
                    refused[2] += others[..^1].Contains(drawn) || replacing == drawn ? 1 : 0;
                    refused[3] += others.Contains(drawn) || added == drawn ? 1 : 0;
                }
            }
        }

        output.WriteLine($"temperature {temperature}: {places} places, {refused[0]} refused drafts; {Forks} forks of the draft model {Share(1)}, "
            + $"the last of them the exit's {Share(2)}, one of the exit's more {Share(3)}");
        Assert.True(refused[0] > 100 && refused[3] > refused[1]);

        string Share(int which) => $"{(double)refused[which] / refused[0]:P1}";
    }

    // The target's text, as drafts that are all right, so that the exit ranks every place of it.
    private static IEnumerable<(int Drawn, RankedToken[] Draft, int[] Exit)> Places(int[] prompt, SamplingParameters sampling)
    {
        using var draft = new ReadingModel(LawModel.DraftPath);
        SamplingPlan plan = SamplingPlan.Create(sampling, draft.Vocabulary);
        var sampler = new TokenSampler(draft.Vocabulary);
        int[] text = Text(prompt, sampling);
        int[][] exit = ExitCandidates(prompt, text, sampling);
        int[] next = prompt;
        for (int index = 0; index < exit.Length; index++)
        {
            RankedToken[] ranked = new RankedToken[1 + Forks];
            sampler.Rank(draft.Append(next), plan, null, [], index, ranked);
            yield return (text[index], ranked, exit[index]);
            next = [text[index]];
        }
    }

    private static int[] Text(int[] prompt, SamplingParameters sampling)
    {
        using var target = new ReadingModel(LawModel.TargetPath);
        SamplingPlan plan = SamplingPlan.Create(sampling, target.Vocabulary);
        var sampler = new TokenSampler(target.Vocabulary);
        List<int> text = [];
        int[] next = prompt;
        while (text.Count < 4 * Chunk && !target.IsEnd(next[^1]))
        {
            next = [sampler.Sample(target.Append(next), plan, null, [], text.Count)];
            text.Add(next[0]);
        }
        return [.. text];
    }

    private static int[][] ExitCandidates(int[] prompt, int[] text, SamplingParameters sampling)
    {
        ShardOptions options = new() { KvBlockCount = 16 };
        using ModelFile target = ModelFile.Open(LawModel.TargetPath);
        using ModelFile adapter = ModelFile.Open(LawModel.ExitPath);
        IShard shard = new CpuBackend().LoadShard(target, options);
        using ShardEngine engine = new(shard, exit: new ExitDrafter(ExitModel.Read(adapter, target), shard, new CpuBackend(), options, TimeProvider.System));
        List<int[]> all = [];
        int[] tokens = prompt;
        for (int step = 1; all.Count < text.Length; step++)
        {
            int stored = step == 1 ? 0 : tokens.Length - 1;
            int[] drafts = [.. text.Skip(all.Count).Take(Chunk)];
            StepBatch batch = new() { Epoch = 1, Step = step };
            if (step == 1)
            {
                batch.Opens.Add(new SequenceOpen { Slot = 0, Tokens = prompt, PromptTokens = prompt.Length, CachedTokens = 0, Blocks = [.. Enumerable.Range(0, 16)], Sampling = sampling });
            }
            batch.Sequences.Add(new SequenceRows
            {
                Slot = 0,
                BaseLength = stored,
                PrefixHash = PrefixHash.Of(tokens.AsSpan(0, stored)),
                Tokens = [.. tokens[stored..], .. drafts[..^1]],
                KnownCount = tokens.Length - stored,
                Sample = true,
                MirrorTokens = Candidates,
            });
            DraftMirror mirror = Assert.Single(engine.Execute(batch, [], CancellationToken.None).Mirrors);
            Assert.Equal((tokens.Length, drafts.Length, PrefixHash.Of(tokens)), (mirror.Length, mirror.Places, mirror.PrefixHash));
            all.AddRange(mirror.Tokens.Chunk(Candidates));
            tokens = [.. prompt, .. text[..all.Count]];
        }
        return [.. all];
    }
}
