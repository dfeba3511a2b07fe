namespace Orleans.Configuration;

/// <summary>What calls made by an outside client obey.</summary>
public class ClientMessagingOptions : MessagingOptions;
