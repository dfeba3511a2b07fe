using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.CrossVocabulary;
using Winnow.Inference.Tests.Tokenizers;
using Winnow.Inference.Tokenizers;

namespace Winnow.Inference.Tests.Drafting.CrossVocabulary;

/// <summary>What is told to a draft model of another vocabulary, and what its drafts become.</summary>
public sealed class TranslationTests
{
    private static readonly ITokenizer Shipped = TokenizerSample.Read(TokenizerSample.Shipped());
    private static readonly ITokenizer Pieces = TokenizerSample.Read(TokenizerSample.FromJson("vocabulary-llama.json"));
    private static readonly ITokenizer Words = TokenizerSample.Create(["Ġ t", "h e", "Ġt he", "Ġ a", "a n", "e r", "i n"],
        [("Ġt", TokenType.Normal), ("he", TokenType.Normal), ("Ġthe", TokenType.Normal), ("Ġa", TokenType.Normal), ("an", TokenType.Normal),
            ("er", TokenType.Normal), ("in", TokenType.Normal), ("<|end|>", TokenType.Control)]);

    public static TheoryData<string> Pairs => ["shipped words", "words shipped", "shipped pieces", "pieces shipped", "pieces words"];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Tell_RandomTextCutAnywhere_TellsEveryByteOnce(string pair)
    {
        Prop.ForAll(UnicodeText.Arbitrary, ArbMap.Default.ArbFor<PositiveInt>(), (text, cut) =>
        {
            Case sut = new(pair);
            int[] tokens = sut.TargetTokens(text);
            if (tokens.Length == 0)
            {
                return true;
            }
            int told = 1 + (cut.Get % tokens.Length);
            sut.Sequence.Tell(0, tokens.AsSpan(0, told));
            return Text(sut.Target, tokens.AsSpan(0, told)) == Text(sut.Draft, sut.Sequence.Draft) + Encoding.Latin1.GetString(sut.Sequence.Pending)
                || !IsUtf8(sut.Target, tokens.AsSpan(0, told));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Translate_DraftThatGoesOnWithTheText_ProposesTheTextsNextBytes(string pair)
    {
        Prop.ForAll(UnicodeText.Arbitrary, ArbMap.Default.ArbFor<PositiveInt>(), (text, cut) =>
        {
            Case sut = new(pair);
            int[] tokens = sut.TargetTokens(text);
            if (tokens.Length == 0)
            {
                return true;
            }
            int told = 1 + (cut.Get % tokens.Length);
            sut.Sequence.Tell(0, tokens.AsSpan(0, told));
            byte[] rest = [.. sut.Sequence.Pending, .. Encoding.Latin1.GetBytes(Text(sut.Target, tokens.AsSpan(told)))];
            if (!sut.DraftEncoder.TryEncode(rest, out int[] draft))
            {
                return true;
            }
            int[] proposal = sut.Propose(draft[..(cut.Get % (draft.Length + 1))], wanted: 1000);
            string expected = Text(sut.Target, tokens.AsSpan(told));
            return expected.StartsWith(Text(sut.Target, proposal), StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Tell_InPieces_IsAsTellingAtOnce(string pair)
    {
        const string Sentence = "Natalia sold 48 clips in April, and then the other half in May.\nHow many clips did she sell altogether? ";
        Case whole = new(pair);
        Case pieces = new(pair);
        int[] tokens = whole.TargetTokens(string.Concat(Enumerable.Repeat(Sentence, 12)));
        whole.Sequence.Tell(0, tokens);
        for (int at = 0; at < tokens.Length; at += 7)
        {
            pieces.Sequence.Tell(at, tokens.AsSpan(at, Math.Min(7, tokens.Length - at)));
        }

        Assert.Equal(whole.Sequence.Draft.ToArray(), pieces.Sequence.Draft.ToArray());
    }

    [Fact]
    public void Tell_OtherTokensThanBefore_BeginsAgainWhereTheyDiffer()
    {
        Case sut = new("shipped words");
        int[] before = sut.TargetTokens(string.Concat(Enumerable.Repeat("the cat sat on the mat. ", 60)));
        int[] after = [.. before.AsSpan(0, 5), .. sut.TargetTokens(" another end")];
        sut.Sequence.Tell(0, before);
        sut.Sequence.Tell(5, after.AsSpan(5));

        Assert.Equal(Text(sut.Target, after), Text(sut.Draft, sut.Sequence.Draft));
    }

    [Fact]
    public void Translate_LastTokenMayBeCut_IsLeftOutUntilItsRunWasCommitted()
    {
        Case sut = new("shipped words");
        int[] told = sut.TargetTokens("She has");
        int[] token = sut.TargetTokens(" eggs");
        int[] run = sut.DraftTokens(" eggs");
        Assert.True(token.Length == 1 && run.Length > 1, "the case needs a token that is a run of draft tokens");

        sut.Sequence.Tell(0, told);
        int[] first = sut.Propose(run, wanted: 4);
        sut.Sequence.Tell(told.Length, token);
        int[] second = sut.Propose(run, wanted: 4);

        Assert.Empty(first);
        Assert.Equal(token, second);
        Assert.True(sut.Runs.TryFind(run, out int became) && became == token[0]);
    }

    [Fact]
    public void Translate_SameTokenInBoth_IsKeptAtTheEnd()
    {
        Case sut = new("shipped words");
        sut.Sequence.Tell(0, sut.TargetTokens("She sat on"));

        Assert.Equal(sut.TargetTokens(" the"), sut.Propose(sut.DraftTokens(" the"), wanted: 4));
    }

    [Fact]
    public void Translate_MiddleOfACodePoint_GoesOnFromThere()
    {
        Case sut = new("words shipped");
        int[] bytes = sut.TargetTokens("né");
        sut.Sequence.Tell(0, bytes.AsSpan(0, 2));

        Assert.Equal(1, sut.Sequence.Pending.Length);
        Assert.Equal(bytes[2..], sut.Propose([.. sut.DraftTokens("é"), .. sut.DraftTokens(" x")], wanted: 1));
        Assert.Empty(sut.Propose(sut.DraftTokens("no"), wanted: 4));
    }

    [Fact]
    public void Translate_ControlTokens_AreThoseOfTheSameNameOrRole()
    {
        Case sut = new("shipped pieces");
        sut.Sequence.Tell(0, [.. sut.TargetTokens("She sat."), Shipped.EndToken!.Value]);
        int[] proposal = sut.Propose([.. sut.DraftTokens(" on"), Pieces.EndToken!.Value], wanted: 8);

        Assert.Equal("<|end|>", Pieces.TokenText(sut.Sequence.Draft[^1]));
        Assert.Equal([.. sut.TargetTokens(" on"), Shipped.EndToken!.Value], proposal);
    }

    [Fact]
    public void Translate_Confidence_IsTheProductOfTheRuns()
    {
        Case sut = new("shipped words");
        sut.Sequence.Tell(0, sut.TargetTokens("She has"));
        int[] run = [.. sut.DraftTokens(" eggs"), .. sut.DraftTokens(" the")];
        DraftProposal proposal = sut.Translator.Translate(
            new DraftProposal { Sequence = 1, Tokens = run, Confidences = [.. Enumerable.Repeat(0.5f, run.Length)] }, [], 8);

        Assert.Equal([MathF.Pow(0.5f, run.Length - 1), 0.5f], proposal.Confidences);
    }

    [Fact]
    public void Learn_MoreRunsThanFit_ForgetsTheOldest()
    {
        RunCache sut = new(10);
        for (int run = 0; run < 100; run++)
        {
            sut.Learn([run, run + 1], run);
        }

        Assert.InRange(sut.Count, 10, 20);
        Assert.True(sut.TryFind([99, 100], out int token) && token == 99);
        Assert.False(sut.TryFind([0, 1], out _));
    }

    [Fact]
    public void NoiseIds_TokensOfBoth_AreTheTargets()
    {
        VocabularyBridge sut = new(Shipped, Words);
        int[] ids = sut.NoiseIds(Words.VocabularySize + 3);

        int the = Words.Encode(" the", false, false)[0];
        Assert.Equal(Shipped.Encode(" the", false, false)[0], ids[the]);
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    private static string Text(ITokenizer tokenizer, ReadOnlySpan<int> tokens)
    {
        StringBuilder text = new();
        foreach (int token in tokens)
        {
            text.Append(tokenizer.IsSpecial(token) ? "" : Encoding.Latin1.GetString(tokenizer.TokenBytes(token)));
        }
        return text.ToString();
    }

    // A committed code point may be cut at the end, but not elsewhere: U+FFFD is told for it then.
    private static bool IsUtf8(ITokenizer tokenizer, ReadOnlySpan<int> tokens)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(Text(tokenizer, tokens));
        byte[] whole = bytes[..^Utf8Ends.IncompleteLength(bytes)];
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(whole)).AsSpan().SequenceEqual(whole);
    }

    private sealed class Case
    {
        private readonly ContinuationEncoder _targetEncoder;

        public Case(string pair)
        {
            string[] names = pair.Split(' ');
            VocabularyBridge bridge = new(Named(names[0]), Named(names[1]));
            (Target, Draft) = (bridge.Target, bridge.Draft);
            _targetEncoder = new ContinuationEncoder(Target);
            DraftEncoder = new ContinuationEncoder(Draft);
            Sequence = new TranslatedSequence(bridge, DraftEncoder, Runs);
            Translator = new DraftTranslator(bridge, _targetEncoder, Runs);
        }

        public ITokenizer Target { get; }

        public ITokenizer Draft { get; }

        public RunCache Runs { get; } = new(100);

        public ContinuationEncoder DraftEncoder { get; }

        public TranslatedSequence Sequence { get; }

        public DraftTranslator Translator { get; }

        public int[] TargetTokens(string text) => _targetEncoder.TryEncode(Encoding.UTF8.GetBytes(text), out int[] tokens) ? tokens : [];

        public int[] DraftTokens(string text) => DraftEncoder.TryEncode(Encoding.UTF8.GetBytes(text), out int[] tokens) ? tokens : [];

        public int[] Propose(int[] draft, int wanted) => Translator.Translate(
            new DraftProposal { Sequence = 1, Tokens = draft, Confidences = new float[draft.Length] }, Sequence.Pending, wanted).Tokens;

        private static ITokenizer Named(string name) => name switch
        {
            "shipped" => Shipped,
            "words" => Words,
            _ => Pieces,
        };
    }
}
