namespace Winnow.Inference.Grammar;

/// <summary>Rules that refer to each other by index.</summary>
internal sealed class GrammarRules
{
    /// <summary>Most rules of a grammar.</summary>
    public const int MostRules = 8192;

    private readonly List<(string Name, GrammarNode? Body)> _rules = [];

    /// <summary>Rules.</summary>
    public int Count => _rules.Count;

    /// <summary>The rule that the whole text is.</summary>
    public int Root { get; set; }

    /// <summary>Adds a rule whose body comes later.</summary>
    /// <param name="name">Its name, for errors.</param>
    /// <exception cref="GrammarException">There are too many.</exception>
    public GrammarNode.Rule Declare(string name)
    {
        if (_rules.Count == MostRules)
        {
            throw new GrammarException($"The grammar has more than {MostRules} rules; make it smaller.");
        }
        _rules.Add((name, null));
        return new GrammarNode.Rule(_rules.Count - 1);
    }

    /// <summary>Gives a rule its body.</summary>
    public void Define(GrammarNode.Rule rule, GrammarNode body) => _rules[rule.Index] = (_rules[rule.Index].Name, body);

    /// <summary>Adds a rule.</summary>
    public GrammarNode.Rule Add(string name, GrammarNode body)
    {
        GrammarNode.Rule rule = Declare(name);
        Define(rule, body);
        return rule;
    }

    /// <summary>A rule's name.</summary>
    public string NameOf(int rule) => _rules[rule].Name;

    /// <summary>A rule's body.</summary>
    public GrammarNode BodyOf(int rule) => _rules[rule].Body ?? throw new GrammarException($"The rule '{_rules[rule].Name}' is used but not defined; define it.");
}
