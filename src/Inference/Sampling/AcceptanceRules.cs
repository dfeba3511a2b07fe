namespace Winnow.Inference.Sampling;

/// <summary>Names of the acceptance rules in requests and usage, and what holds for each.</summary>
public static class AcceptanceRules
{
    private static readonly string[] Names = ["coupled", "rejection", "spectr", "rsd", "lossy_typical"];

    /// <summary>The names as an error lists them: each in single quotes.</summary>
    public static string Listed { get; } = string.Join(", ", Names.Select(name => $"'{name}'"));

    /// <summary>The rule's name.</summary>
    public static string NameOf(AcceptanceRule rule) => Names[(int)rule];

    /// <summary>The rule of a name, or <see langword="null"/> when there is none.</summary>
    public static AcceptanceRule? Find(string name) => Array.IndexOf(Names, name) is int index and >= 0 ? (AcceptanceRule)index : null;

    /// <summary>The rule is one that this version knows.</summary>
    public static bool IsKnown(AcceptanceRule rule) => (uint)rule < (uint)Names.Length;

    /// <summary>The rule judges by the distribution that a draft was drawn from, which must then be drawn with noise of its own.</summary>
    public static bool NeedsLaw(AcceptanceRule rule) => rule is AcceptanceRule.Rejection or AcceptanceRule.Spectr or AcceptanceRule.Rsd;

    /// <summary>The rule changes the distribution of what is generated.</summary>
    public static bool IsLossy(AcceptanceRule rule) => rule == AcceptanceRule.LossyTypical;

    /// <summary>Whether a request gives the same tokens whatever drafts come: greedy decoding does under every rule.</summary>
    /// <param name="sampling">The request's sampling parameters.</param>
    public static bool IsRepeatable(SamplingParameters sampling) => sampling.Rule == AcceptanceRule.Coupled || sampling.Temperature == 0;
}
