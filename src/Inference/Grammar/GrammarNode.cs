namespace Winnow.Inference.Grammar;

/// <summary>A part of a rule: what every kind of grammar is read into.</summary>
internal abstract record GrammarNode
{
    private GrammarNode()
    {
    }

    /// <summary>The empty text.</summary>
    public static GrammarNode Empty { get; } = new Literal("");

    /// <summary>One after another.</summary>
    public static GrammarNode Of(params GrammarNode[] parts) => new Sequence(parts);

    /// <summary>One of several.</summary>
    public static GrammarNode Any(params GrammarNode[] alternatives) => new Choice(alternatives);

    /// <summary>A part or nothing.</summary>
    public static GrammarNode Optional(GrammarNode part) => new Repeat(part, 0, 1);

    /// <summary>A text.</summary>
    public static GrammarNode Of(string text) => new Literal(text);

    /// <summary>A text; encoded as UTF-8.</summary>
    public sealed record Literal(string Text) : GrammarNode;

    /// <summary>One code point of a set; encoded as UTF-8.</summary>
    public sealed record OneOf(CodePointSet Set) : GrammarNode;

    /// <summary>One after another.</summary>
    public sealed record Sequence(IReadOnlyList<GrammarNode> Parts) : GrammarNode;

    /// <summary>One of several.</summary>
    public sealed record Choice(IReadOnlyList<GrammarNode> Alternatives) : GrammarNode;

    /// <summary>A part several times.</summary>
    public sealed record Repeat(GrammarNode Part, int Least, int Most = Repeat.Unlimited) : GrammarNode
    {
        /// <summary>For <see cref="Most"/>: no limit.</summary>
        public const int Unlimited = int.MaxValue;
    }

    /// <summary>Whatever a rule stands for.</summary>
    public sealed record Rule(int Index) : GrammarNode;
}
