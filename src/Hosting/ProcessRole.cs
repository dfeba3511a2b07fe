namespace Winnow.Hosting;

/// <summary>What one of Winnow's executables is called and which flags it takes.</summary>
public sealed record ProcessRole
{
    /// <summary>Role in the ready line and in error texts: <c>worker</c>, <c>silo</c> or <c>gateway</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Configuration section of the role's options, for example <c>Worker</c>.</summary>
    public required string Section { get; init; }

    /// <summary>One sentence for <c>--help</c>.</summary>
    public required string Description { get; init; }

    /// <summary>Short flags of this role; every option is also reachable as <c>--Section:Option VALUE</c>.</summary>
    public required IReadOnlyList<CommandFlag> Flags { get; init; }

    /// <summary>Name of the settings file beside the executable, for example <c>appsettings.worker.json</c>.</summary>
    public string SettingsFile => $"appsettings.{Name}.json";
}

/// <summary>A short flag that stands for a configuration key.</summary>
/// <param name="Name">Flag with its dashes, for example <c>--threads</c>.</param>
/// <param name="Key">Configuration key it sets, for example <c>Worker:Threads</c>.</param>
/// <param name="ValueName">Placeholder of its value in the help text; <see langword="null"/> for a switch, which sets <c>true</c>.</param>
/// <param name="Description">One line for the help text.</param>
public sealed record CommandFlag(string Name, string Key, string? ValueName, string Description);
